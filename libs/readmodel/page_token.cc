#include "readmodel/page_token.h"

#include "absl/strings/escaping.h"
#include "base/error.h"
#include "base/hash.h"

namespace holdfast::readmodel {
namespace {

constexpr std::size_t kFilterBytes = 12;

std::string FilterMark(std::string_view filter) {
  return std::string(AsBytes(Sha256Of(filter)).substr(0, kFilterBytes));
}

}  // namespace

std::string MakePageToken(std::string_view filter, std::string_view last_key) {
  std::string bytes = FilterMark(filter);
  bytes.append(last_key);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<std::string> ReadPageToken(std::string_view filter, std::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  const bool decoded =
      absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes);
  if (!decoded || bytes.size() < kFilterBytes ||
      bytes.compare(0, kFilterBytes, FilterMark(filter)) != 0) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_MISMATCH",
                           "The page token belongs to another request: begin again without it.");
  }
  return bytes.substr(kFilterBytes);
}

}  // namespace holdfast::readmodel
