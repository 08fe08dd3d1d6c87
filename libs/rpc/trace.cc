#include "rpc/trace.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/hex.h"
#include "base/random.h"

namespace holdfast::rpc {
namespace {

constexpr std::size_t kLength = 55;

bool LowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool AllZero(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view text) {
  if (text.size() != kLength || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') {
    return std::nullopt;
  }
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  if (!LowerHex(trace) || !LowerHex(span) || !LowerHex(text.substr(53)) || AllZero(trace) ||
      AllZero(span)) {
    return std::nullopt;
  }
  const std::optional<Uuid> id = UuidFromBytes(FromHex(trace).value_or(""));
  if (!id) return std::nullopt;
  return TraceParent{*id, std::string(text)};
}

TraceParent NewTraceParent(Random& random) {
  TraceParent trace;
  trace.trace_id = NewUuidV4(random);
  std::array<std::uint8_t, 8> span{};
  random.Fill(span);
  span[0] |= 1U;  // never zero
  trace.header =
      absl::StrCat("00-", ToHex(AsBytes(trace.trace_id)), "-",
                   ToHex({reinterpret_cast<const char*>(span.data()), span.size()}), "-00");
  return trace;
}

}  // namespace holdfast::rpc
