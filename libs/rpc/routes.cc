#include "rpc/routes.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace holdfast::rpc {
namespace {

constexpr std::string_view kRest = "*";
constexpr std::string_view kPackage = "/holdfast.";

bool IsAddress(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::uint32_t port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(text.substr(colon + 1), &port) && port >= 1 && port <= 65535;
}

absl::Status Refused(absl::string_view piece) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the address \"", piece,
      "\" is none: write host:port, or one list for each service as in "
      "initiative=127.0.0.1:9501,127.0.0.1:9511;metrics=127.0.0.1:9502;*=127.0.0.1:9501"));
}

}  // namespace

absl::StatusOr<Routes> Routes::Parse(std::string_view text) {
  Routes routes;
  for (const absl::string_view piece :
       absl::StrSplit(absl::string_view(text.data(), text.size()), ';', absl::SkipEmpty())) {
    const std::vector<absl::string_view> sides = absl::StrSplit(piece, absl::MaxSplits('=', 1));
    const std::string name(sides.size() == 2 ? sides[0] : absl::string_view("*"));
    std::vector<std::string> addresses;
    for (const absl::string_view address : absl::StrSplit(sides.back(), ',')) {
      if (!IsAddress(address)) return Refused(piece);
      addresses.emplace_back(address);
    }
    if (name.empty() || !routes.doors_.emplace(name, std::move(addresses)).second) {
      return Refused(piece);
    }
  }
  if (!routes.doors_.contains(kRest)) return Refused(absl::string_view(text.data(), text.size()));
  return routes;
}

const std::vector<std::string>& Routes::Of(std::string_view method) const {
  if (method.starts_with(kPackage)) {
    method.remove_prefix(kPackage.size());
    const auto found = doors_.find(method.substr(0, method.find('.')));
    if (found != doors_.end()) return found->second;
  }
  return doors_.find(kRest)->second;
}

std::vector<std::string> Routes::All() const {
  std::set<std::string> all;
  for (const auto& [name, addresses] : doors_) all.insert(addresses.begin(), addresses.end());
  return {all.begin(), all.end()};
}

}  // namespace holdfast::rpc
