#include "security/sealing.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "holdfast/options/v1/options.pb.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/random.h"
#include "security/aead.h"

namespace holdfast::security {
namespace {

using journal::v1::SealedField;
using type::v1::Personal;

constexpr std::string_view kNul("\0", 1);
constexpr char kFormat = 1;
constexpr std::size_t kHead = 5;  // format, u32be length
constexpr std::array<std::size_t, 6> kSizes = {64, 256, 1024, 4096, 16'384, 65'536};
constexpr std::array<std::size_t, 3> kSizesOfContent = {131'072, 262'144, 524'288};
constexpr std::size_t kMaxPath = 200;
constexpr std::size_t kMaxText = 1024;

// The prefixes of the derivations of one construction.
struct Domain {
  std::string_view key;
  std::string_view commit;
};
constexpr Domain kSealing = {"holdfast/seal/1/key", "holdfast/seal/1/commit"};
constexpr Domain kWrapping = {"holdfast/wrap/1/key", "holdfast/wrap/1/commit"};

// K and C from the upper key and a fresh salt, bound to the labels.
struct Derived {
  BriefKey key;
  std::array<std::uint8_t, kKeyBytes> commitment{};
  std::string_view commitment_view() const {
    return {reinterpret_cast<const char*>(commitment.data()), commitment.size()};
  }
};
void Derive(const Domain& domain, std::string_view upper_key, std::string_view salt,
            std::string_view labels, Derived& out) {
  const Hash hash = Sha256Of(labels);
  BriefKey prk;
  HkdfExtract(salt, std::array{upper_key}, prk.bytes);
  HkdfExpandTwo(prk.view(), {{domain.key, kNul, AsBytes(hash)}, out.key.bytes},
                {{domain.commit, kNul, AsBytes(hash)}, out.commitment});
}

bool Carries(const Personal& value) {
  switch (value.value_case()) {
    case Personal::kText:
    case Personal::kDay:
    case Personal::kPoint:
    case Personal::kContent:
      return true;
    default:
      return false;
  }
}

// 0 where none holds it.
std::size_t PaddedSize(std::size_t size, bool content) {
  for (const std::size_t padded : kSizes) {
    if (size <= padded) return padded;
  }
  if (!content) return 0;
  for (const std::size_t padded : kSizesOfContent) {
    if (size <= padded) return padded;
  }
  return 0;
}

bool IsPaddedSize(std::size_t size) {
  return std::ranges::find(kSizes, size) != kSizes.end() ||
         std::ranges::find(kSizesOfContent, size) != kSizesOfContent.end();
}

std::string Pad(const Personal& value) {
  const std::size_t size = value.ByteSizeLong();
  const std::size_t padded = PaddedSize(kHead + size, value.value_case() == Personal::kContent);
  HOLDFAST_CHECK(padded != 0 && Carries(value));
  std::string plaintext;
  plaintext.reserve(padded);
  plaintext.push_back(kFormat);
  AppendBigEndian32(plaintext, static_cast<std::uint32_t>(size));
  value.AppendToString(&plaintext);
  plaintext.resize(padded, '\0');
  return plaintext;
}

std::optional<Personal> Unpad(std::string_view plaintext) {
  if (plaintext.size() < kHead || plaintext.front() != kFormat) return std::nullopt;
  const std::size_t size = ReadBigEndian32(plaintext.substr(1));
  if (size > plaintext.size() - kHead) return std::nullopt;
  if (plaintext.find_first_not_of('\0', kHead + size) != std::string_view::npos)
    return std::nullopt;
  Personal value;
  if (!value.ParseFromArray(plaintext.data() + kHead, static_cast<int>(size))) return std::nullopt;
  if (!Carries(value)) return std::nullopt;
  return value;
}

bool HasUnknown(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

bool IsText(std::string_view text, std::size_t max) {
  return !text.empty() && text.size() <= max && text.find('\0') == std::string_view::npos;
}

bool IsWholeOrigin(const SealedField::Origin& origin) {
  return !HasUnknown(origin) && IsText(origin.tenant(), kMaxText) &&
         IsText(origin.context(), kMaxText) && IsText(origin.stream(), kMaxText) &&
         origin.command_id().size() == 16 && origin.version() > 0 &&
         origin.event_id().size() == 16 && IsText(origin.type(), kMaxText) &&
         origin.schema_version() > 0;
}

bool AreWholeKeys(const SealedField& field) {
  const bool link = field.kind() == options::v1::KeyKind::LINK;
  if (field.keys_size() < 1 || field.keys_size() > (link ? kMaxKeysOfLink : 1)) return false;
  std::string_view before;
  for (const SealedField::Key& key : field.keys()) {
    if (HasUnknown(key) || key.key_id().size() != kKeyIdBytes || key.generation() == 0 ||
        !IsText(key.ref(), kMaxText) || std::string_view(key.key_id()) <= before) {
      return false;
    }
    before = key.key_id();
  }
  return true;
}

}  // namespace

LabelWriter& LabelWriter::Add(std::string_view bytes) {
  AppendBigEndian32(out_, static_cast<std::uint32_t>(bytes.size()));
  out_.append(bytes);
  return *this;
}
LabelWriter& LabelWriter::Add(std::uint64_t number) {
  AppendBigEndian32(out_, sizeof number);
  AppendBigEndian64(out_, number);
  return *this;
}

bool IsWholeHeader(const SealedField& field) {
  return !HasUnknown(field) && field.has_origin() && IsWholeOrigin(field.origin()) &&
         IsText(field.field_path(), kMaxPath) && field.class_() > 0 &&
         options::v1::DataClass::Code_IsValid(static_cast<int>(field.class_())) &&
         field.kind() > 0 && options::v1::KeyKind::Code_IsValid(static_cast<int>(field.kind())) &&
         AreWholeKeys(field) && field.lease_id().size() == kLeaseIdBytes &&
         field.label().size() <= kMaxText * 4 && field.salt().size() == kSaltBytes &&
         field.commitment().size() == kCommitmentBytes;
}

std::optional<SealedField> ParseSealedField(std::string_view bytes) {
  SealedField field;
  if (!field.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  const std::size_t size = field.ciphertext().size();
  if (size < kTagBytes || !IsPaddedSize(size - kTagBytes) || !IsWholeHeader(field))
    return std::nullopt;
  if (field.SerializeAsString() != bytes) return std::nullopt;
  return field;
}

std::string AssociatedData(const SealedField& field) {
  const SealedField::Origin& origin = field.origin();
  LabelWriter labels;
  labels.Add("holdfast/seal/1")
      .Add(origin.tenant())
      .Add(origin.context())
      .Add(origin.stream())
      .Add(origin.command_id())
      .Add(origin.version())
      .Add(origin.event_id())
      .Add(origin.type())
      .Add(std::uint64_t{origin.schema_version()})
      .Add(field.field_path())
      .Add(std::uint64_t{field.class_()})
      .Add(std::uint64_t{field.kind()})
      .Add(static_cast<std::uint64_t>(field.keys_size()));
  for (const SealedField::Key& key : field.keys())
    labels.Add(key.key_id()).Add(std::uint64_t{key.generation()}).Add(key.ref());
  return labels.Add(field.lease_id()).Add(AsBytes(Sha256Of(field.label()))).Take();
}

SecretKey LeaseKeyOf(std::span<const SecretKey* const> keys, bool link, std::string_view lease_id,
                     std::string_view tenant, std::string_view context) {
  HOLDFAST_CHECK(!keys.empty() && (link || keys.size() == 1));
  BriefKey joined;
  std::string_view input = keys.front()->view();
  if (link) {
    std::vector<std::string_view> all;
    for (const SecretKey* key : keys) all.push_back(key->view());
    HkdfExtract("holdfast/link/1", all, joined.bytes);
    input = joined.view();
  }
  BriefKey prk;
  HkdfExtract(lease_id, std::array{input}, prk.bytes);
  SecretKey lease_key;
  HkdfExpand(prk.view(), {"holdfast/seal/1/lease", kNul, tenant, kNul, context}, lease_key.bytes());
  return lease_key;
}

ValueKeys ValueKeysOf(std::string_view lease_key, std::string_view salt,
                      std::string_view associated_data) {
  Derived derived;
  Derive(kSealing, lease_key, salt, associated_data, derived);
  return {*SecretKey::From(derived.key.view()), std::string(derived.commitment_view())};
}

bool FitsSealing(const Personal& value) {
  return PaddedSize(kHead + value.ByteSizeLong(), value.value_case() == Personal::kContent) != 0;
}

void Seal(std::string_view lease_key, const Personal& value, Random& random, SealedField& field) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  random.Fill(salt);
  field.set_salt(salt.data(), salt.size());
  const std::string labels = AssociatedData(field);
  Derived derived;
  Derive(kSealing, lease_key, field.salt(), labels, derived);
  field.set_commitment(derived.commitment.data(), derived.commitment.size());
  std::string plaintext = Pad(value);
  field.clear_ciphertext();
  EncryptOnce(derived.key.view(), labels, plaintext, *field.mutable_ciphertext());
  Cleanse(plaintext.data(), plaintext.size());
}

std::optional<Personal> Unseal(const ValueKeys& keys, const SealedField& field) {
  if (!EqualInConstantTime(keys.commitment, field.commitment())) return std::nullopt;
  std::string plaintext;
  if (!DecryptOnce(keys.key.view(), AssociatedData(field), field.ciphertext(), plaintext))
    return std::nullopt;
  std::optional<Personal> value = Unpad(plaintext);
  Cleanse(plaintext.data(), plaintext.size());
  return value;
}

std::string WrapKey(std::string_view upper_key, const SecretKey& key, std::string_view labels,
                    Random& random) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  random.Fill(salt);
  std::string wrapped(reinterpret_cast<const char*>(salt.data()), salt.size());
  Derived derived;
  Derive(kWrapping, upper_key, wrapped, labels, derived);
  wrapped.append(derived.commitment_view());
  EncryptOnce(derived.key.view(), labels, key.view(), wrapped);
  return wrapped;
}

std::optional<SecretKey> UnwrapKey(std::string_view upper_key, std::string_view wrapped,
                                   std::string_view labels) {
  constexpr std::size_t kBefore = kSaltBytes + kCommitmentBytes;
  if (wrapped.size() != kBefore + kKeyBytes + kTagBytes) return std::nullopt;
  Derived derived;
  Derive(kWrapping, upper_key, wrapped.substr(0, kSaltBytes), labels, derived);
  if (!EqualInConstantTime(derived.commitment_view(),
                           wrapped.substr(kSaltBytes, kCommitmentBytes))) {
    return std::nullopt;
  }
  std::string plaintext;
  if (!DecryptOnce(derived.key.view(), labels, wrapped.substr(kBefore), plaintext))
    return std::nullopt;
  std::optional<SecretKey> key = SecretKey::From(plaintext);
  Cleanse(plaintext.data(), plaintext.size());
  return key;
}

SecretKey SubkeyOf(const SecretKey& key, std::string_view info) {
  BriefKey prk;
  HkdfExtract("", std::array{key.view()}, prk.bytes);
  SecretKey subkey;
  HkdfExpand(prk.view(), {info}, subkey.bytes());
  return subkey;
}

}  // namespace holdfast::security
