#include <string>

#include "base/check.h"
#include "http/message.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

// Every byte as an escape.
std::string Escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return escaped;
}

}  // namespace

void Query(std::string_view bytes) {
  std::string decoded;
  if (http::PercentDecode(bytes, decoded)) {
    HOLDFAST_CHECK(decoded.size() <= bytes.size());
    std::string again;
    HOLDFAST_CHECK(http::PercentDecode(Escaped(decoded), again) && again == decoded);
  }
  for (const std::string_view name : {"message", "encoding", ""}) {
    std::string value;
    if (http::QueryParameter(bytes, name, value)) HOLDFAST_CHECK(value.size() <= bytes.size());
  }
  http::Request request;
  request.headers = {{"cookie", std::string(bytes)}};
  HOLDFAST_CHECK(request.Cookie("session").size() <= bytes.size());
}

}  // namespace holdfast::fuzz
