#include "rpc/metadata.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>

#include <google/protobuf/stubs/common.h>

#include "absl/strings/ascii.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace holdfast::rpc {
namespace {

constexpr std::size_t kMaxKey = 128;

absl::Status Invalid(std::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "METADATA_INVALID", message);
}

// gRPC's own keys, and those that every client sends.
bool IsTransport(std::string_view key) {
  constexpr std::array<std::string_view, 5> kTransport = {"te", "user-agent", "content-type",
                                                          "accept-encoding", "host"};
  return key.starts_with("grpc-") || key.starts_with(":") ||
         std::ranges::find(kTransport, key) != kTransport.end();
}

absl::Status Once(std::string_view& into, std::string_view value) {
  if (into.data() != nullptr) {
    return Invalid("A metadata key stands twice. Send each once.");
  }
  into = value;
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> IdempotencyKeyOf(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  const bool visible = std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7E; });
  if (text.empty() || text.size() > kMaxKey || !visible) {
    return InvalidFields({{"idempotency-key", "must be 1 to 128 visible ASCII characters"}});
  }
  return text;
}

absl::StatusOr<std::uint64_t> VersionOf(std::string_view text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidFields({{"holdfast-expected-version", "must be a whole number, 0 or more"}});
  }
  return version;
}

absl::StatusOr<options::v1::Purpose::Code> PurposeOf(std::string_view text) {
  using options::v1::Purpose;
  Purpose::Code purpose{};
  if (!Purpose::Code_Parse(absl::AsciiStrToUpper(absl::string_view(text.data(), text.size())),
                           &purpose) ||
      purpose == Purpose::CODE_UNSPECIFIED) {
    return InvalidFields({{"holdfast-purpose", "must be the name of a purpose"}});
  }
  return purpose;
}

// As gRPC hands it over: without its base64.
absl::StatusOr<std::string_view> JustificationOf(std::string_view text) {
  const bool utf8 = google::protobuf::internal::IsStructurallyValidUTF8(
      text.data(), static_cast<int>(text.size()));
  if (text.empty() || text.size() > kMaxJustificationBytes || !utf8) {
    return InvalidFields({{"holdfast-justification-bin", "must be 1 to 2000 bytes of UTF-8"}});
  }
  return text;
}

// The three that the policy reads.
struct PolicyTexts {
  std::string_view purpose;
  std::string_view justification;
  std::string_view break_glass;
};

absl::Status ReadPolicyTexts(const PolicyTexts& texts, CallMetadata& out) {
  if (texts.purpose.data() != nullptr) {
    ASSIGN_OR_RETURN(out.purpose, PurposeOf(texts.purpose));
  }
  if (texts.justification.data() != nullptr) {
    ASSIGN_OR_RETURN(out.justification, JustificationOf(texts.justification));
  }
  if (texts.break_glass.data() == nullptr) return absl::OkStatus();
  if (texts.break_glass != "1") {
    return InvalidFields({{"holdfast-break-glass", "must be 1, or be left out"}});
  }
  out.break_glass = true;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CallMetadata> ReadMetadata(const std::vector<MetadataEntry>& entries) {
  if (entries.size() > kMaxMetadataEntries) {
    return Invalid("The call carries too much metadata. Send at most 32 entries.");
  }
  CallMetadata out;
  std::string_view key_text;
  std::string_view version_text;
  PolicyTexts policy;
  const std::map<std::string_view, std::string_view*> taken = {
      {"authorization", &out.authorization},
      {"idempotency-key", &key_text},
      {"holdfast-expected-version", &version_text},
      {"traceparent", &out.traceparent},
      {"holdfast-purpose", &policy.purpose},
      {"holdfast-justification-bin", &policy.justification},
      {"holdfast-break-glass", &policy.break_glass}};
  std::size_t bytes = 0;
  for (const MetadataEntry& entry : entries) {
    bytes += entry.key.size() + entry.value.size();
    if (IsTransport(entry.key)) continue;
    if (const auto into = taken.find(entry.key); into != taken.end()) {
      RETURN_IF_ERROR(Once(*into->second, entry.value));
    } else {
      return Invalid("The call carries a metadata key that is not taken here. Leave it out.");
    }
  }
  if (bytes > kMaxMetadataBytes ||
      bytes - out.authorization.size() > kMaxMetadataBytesWithoutToken) {
    return Invalid(
        "The call's metadata is too large. Send at most 16 KiB, 4 KiB of it beside the token.");
  }
  if (key_text.data() != nullptr) {
    ASSIGN_OR_RETURN(out.idempotency_key, IdempotencyKeyOf(key_text));
  }
  if (version_text.data() != nullptr) {
    ASSIGN_OR_RETURN(out.expected_version, VersionOf(version_text));
  }
  RETURN_IF_ERROR(ReadPolicyTexts(policy, out));
  return out;
}

}  // namespace holdfast::rpc
