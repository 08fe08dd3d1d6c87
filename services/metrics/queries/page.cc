#include "metrics/queries/page.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hex.h"

namespace holdfast::metrics {
namespace {

std::string MarkOf(std::string_view filter) {
  return ToHex(AsBytes(Sha256Of(filter))).substr(0, 16);
}

}  // namespace

std::string MakePageToken(std::string_view filter, std::size_t next) {
  return absl::StrCat(MarkOf(filter), "-", next);
}

absl::StatusOr<std::size_t> ReadPageToken(std::string_view filter, std::string_view token) {
  if (token.empty()) return std::size_t{0};
  const std::string mark = MarkOf(filter) + "-";
  std::size_t next = 0;
  if (!token.starts_with(mark) ||
      !absl::SimpleAtoi(absl::string_view(token.data() + mark.size(), token.size() - mark.size()),
                        &next)) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_MISMATCH",
                           "The page token is of another list; start again without it.");
  }
  return next;
}

}  // namespace holdfast::metrics
