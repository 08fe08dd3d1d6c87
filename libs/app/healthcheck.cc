#include "app/healthcheck.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "http/get.h"

namespace holdfast::app {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(3);

std::string AskedAt(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" || host == "[::]" ? "::1" : host;
}

}  // namespace

std::string TakePage(int& argc, const char* const*& argv) {
  if (argc < 2 || argv[1][0] == '-') return "readyz";
  ++argv;
  --argc;
  return argv[0];
}

absl::Status Healthcheck(const std::string& host, std::uint16_t admin_port,
                         const std::string& page) {
  ASSIGN_OR_RETURN(const http::Response answer,
                   http::Get(AskedAt(host), admin_port, absl::StrCat("/", page), kPatience));
  if (answer.status == 200) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(page, ": ", std::string(absl::StripAsciiWhitespace(answer.body))));
}

}  // namespace holdfast::app
