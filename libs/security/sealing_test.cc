#include "security/sealing.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"
#include "security/aead.h"
#include "security/sealing_example.h"
#include "security/sealing_fuzz.h"

namespace holdfast::security {
namespace {

using journal::v1::SealedField;
using ::testing::StartsWith;
using type::v1::Personal;

// Gives these bytes, and no others.
class Given final : public Random {
 public:
  explicit Given(std::string bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<std::uint8_t> bytes) override {
    ASSERT_EQ(bytes.size(), bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), bytes.begin());
  }

 private:
  const std::string bytes_;
};

Personal Text(std::string text) {
  Personal value;
  value.set_text(std::move(text));
  return value;
}

std::string HexOf(std::string_view bytes) {
  return ToHex(bytes);
}

SecretKey LeaseKeyOfAda() {
  const SecretKey key = *SecretKey::From(CountingUp(0, 32));
  const SecretKey* const keys[] = {&key};
  return LeaseKeyOf(keys, false, CountingUp(0x30, 16), "westmoor", "intelligence");
}

// What opens under the key of the lease, as a keyvault and a reader do it together.
std::optional<Personal> OpenUnder(const SecretKey& lease_key, const SealedField& field) {
  return Unseal(ValueKeysOf(lease_key.view(), field.salt(), AssociatedData(field)), field);
}
std::optional<Personal> OpenUnder(const SecretKey& lease_key, std::string_view bytes) {
  const auto field = ParseSealedField(bytes);
  return field ? OpenUnder(lease_key, *field) : std::nullopt;
}

TEST(Hkdf, IsThatOfRfc5869) {
  // Appendix A.1.
  const std::string input(22, '\x0b');
  BriefKey prk;
  const std::string_view parts[] = {input};
  HkdfExtract(CountingUp(0, 13), parts, prk.bytes);
  EXPECT_EQ(HexOf(prk.view()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  BriefKey okm;
  HkdfExpand(prk.view(), {CountingUp(0xf0, 10)}, okm.bytes);
  EXPECT_EQ(HexOf(okm.view()), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  // A.3: neither salt nor info.
  HkdfExtract("", parts, prk.bytes);
  EXPECT_EQ(HexOf(prk.view()), "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  BriefKey first;
  BriefKey second;
  HkdfExpandTwo(prk.view(), {{""}, first.bytes}, {{"other"}, second.bytes});
  EXPECT_EQ(HexOf(first.view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
  HkdfExpand(prk.view(), {"ot", "her"}, okm.bytes);
  EXPECT_EQ(okm.view(), second.view());
}

TEST(Sealing, IsThatOfThePublishedVector) {
  SealedField field = FieldOfAda();
  Given salt(CountingUp(0x40, 32));
  const SecretKey lease_key = LeaseKeyOfAda();
  Seal(lease_key.view(), Text("Ada"), salt, field);

  const std::string labels = AssociatedData(field);
  EXPECT_EQ(labels.size(), 305U);
  EXPECT_THAT(HexOf(AsBytes(Sha256Of(labels))), StartsWith("d3d48b576392a3fa"));
  EXPECT_THAT(HexOf(field.commitment()), StartsWith("1661cb49dbc55ac4"));
  ASSERT_EQ(field.ciphertext().size(), 64U + 16U);
  EXPECT_EQ(HexOf(std::string_view(field.ciphertext()).substr(64)),
            "25707bd8937a711c36704b148aaeb2ef");
  const auto opened = OpenUnder(lease_key, field.SerializeAsString());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->text(), "Ada");
}

TEST(Sealing, OpensEveryKindOfValueAndShowsTheClassOfItsSizeAlone) {
  SeededRandom random(3);
  const SecretKey lease_key = SecretKey::Generate(random);
  std::vector<Personal> values = {Text(""), Text("Ada"), Text(std::string(16'384, 'x')),
                                  Text(std::string(65'000, 'x'))};
  values.emplace_back().mutable_day()->set_year(1961);
  values.emplace_back().mutable_point()->set_latitude_e7(-1);
  values.emplace_back().set_content(std::string(524'224, '\0'));
  for (const Personal& value : values) {
    ASSERT_TRUE(FitsSealing(value));
    SealedField field = FieldOfAda();
    Seal(lease_key.view(), value, random, field);
    const auto opened = OpenUnder(lease_key, field.SerializeAsString());
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->SerializeAsString(), value.SerializeAsString());
  }
  SealedField shorter = FieldOfAda();
  SealedField longer = FieldOfAda();
  Seal(lease_key.view(), Text("Ada"), random, shorter);
  Seal(lease_key.view(), Text("Augusta Ada King, Countess of Lovelace"), random, longer);
  EXPECT_EQ(shorter.ciphertext().size(), longer.ciphertext().size());
  EXPECT_FALSE(FitsSealing(Text(std::string(65'536, 'x'))));
  Personal large;
  large.set_content(std::string(524'288, 'x'));
  EXPECT_FALSE(FitsSealing(large));
}

TEST(Sealing, NeverGivesTheSameBytesTwice) {
  SeededRandom random(4);
  const SecretKey lease_key = SecretKey::Generate(random);
  SealedField first = FieldOfAda();
  SealedField again = FieldOfAda();
  Seal(lease_key.view(), Text("Ada"), random, first);
  Seal(lease_key.view(), Text("Ada"), random, again);
  EXPECT_NE(first.salt(), again.salt());
  EXPECT_NE(first.ciphertext(), again.ciphertext());
  EXPECT_NE(first.commitment(), again.commitment());
}

TEST(Sealing, OpensUnderNoOtherKeyAndComparesTheCommitmentFirst) {
  SeededRandom random(5);
  const SecretKey lease_key = SecretKey::Generate(random);
  const SecretKey other = SecretKey::Generate(random);
  SealedField field = FieldOfAda();
  Seal(lease_key.view(), Text("Ada"), random, field);
  EXPECT_FALSE(OpenUnder(other, field));
  // The right key with another commitment, and another key with the right one.
  ValueKeys keys = ValueKeysOf(lease_key.view(), field.salt(), AssociatedData(field));
  keys.commitment[0] = static_cast<char>(keys.commitment[0] ^ 1);
  EXPECT_FALSE(Unseal(keys, field));
  keys = ValueKeysOf(other.view(), field.salt(), AssociatedData(field));
  keys.commitment = field.commitment();
  EXPECT_FALSE(Unseal(keys, field));
}

TEST(Sealing, BindsALeaseToItsIdTenantAndContext) {
  const SecretKey key = *SecretKey::From(CountingUp(0, 32));
  const SecretKey* const keys[] = {&key};
  const auto of = [&](std::string_view lease, std::string_view tenant, std::string_view context) {
    return std::string(LeaseKeyOf(keys, false, lease, tenant, context).view());
  };
  const std::string first = of("0123456789abcdef", "westmoor", "partners");
  EXPECT_EQ(of("0123456789abcdef", "westmoor", "partners"), first);
  EXPECT_NE(of("0123456789abcdeg", "westmoor", "partners"), first);
  EXPECT_NE(of("0123456789abcdef", "eastvale", "partners"), first);
  EXPECT_NE(of("0123456789abcdef", "westmoor", "enforcement"), first);
}

TEST(Sealing, LosesALinkWithAnyOfItsPersons) {
  SeededRandom random(6);
  const SecretKey ann = SecretKey::Generate(random);
  const SecretKey bea = SecretKey::Generate(random);
  const SecretKey other = SecretKey::Generate(random);
  const auto of = [](const SecretKey& first, const SecretKey& second) {
    const SecretKey* const keys[] = {&first, &second};
    return std::string(LeaseKeyOf(keys, true, "0123456789abcdef", "westmoor", "x").view());
  };
  EXPECT_EQ(of(ann, bea), of(ann, bea));
  EXPECT_NE(of(ann, other), of(ann, bea));
  EXPECT_NE(of(other, bea), of(ann, bea));
  const SecretKey* const alone[] = {&ann};
  EXPECT_NE(std::string(LeaseKeyOf(alone, true, "0123456789abcdef", "westmoor", "x").view()),
            std::string(LeaseKeyOf(alone, false, "0123456789abcdef", "westmoor", "x").view()));
}

// Each label, changed alone.
std::map<std::string, std::function<void(SealedField&)>> ChangedLabels() {
  return {
      {"tenant", [](SealedField& f) { f.mutable_origin()->set_tenant("eastvale"); }},
      {"context", [](SealedField& f) { f.mutable_origin()->set_context("partners"); }},
      {"stream", [](SealedField& f) { f.mutable_origin()->set_stream("report/r2"); }},
      {"command", [](SealedField& f) { f.mutable_origin()->set_command_id(CountingUp(0, 16)); }},
      {"version", [](SealedField& f) { f.mutable_origin()->set_version(4); }},
      {"event", [](SealedField& f) { f.mutable_origin()->set_event_id(CountingUp(0, 16)); }},
      {"type", [](SealedField& f) { f.mutable_origin()->set_type("holdfast.x.v1.Y"); }},
      {"schema version", [](SealedField& f) { f.mutable_origin()->set_schema_version(2); }},
      {"path", [](SealedField& f) { f.set_field_path("4[1].2"); }},
      {"class", [](SealedField& f) { f.set_class_(options::v1::DataClass::COMMUNITY); }},
      {"kind", [](SealedField& f) { f.set_kind(options::v1::KeyKind::RECORD); }},
      {"key id", [](SealedField& f) { f.mutable_keys(0)->set_key_id(CountingUp(0, 16)); }},
      {"generation", [](SealedField& f) { f.mutable_keys(0)->set_generation(2); }},
      {"ref", [](SealedField& f) { f.mutable_keys(0)->set_ref("s2"); }},
      {"lease", [](SealedField& f) { f.set_lease_id(CountingUp(0, 16)); }},
      {"label", [](SealedField& f) { f.set_label("\x08\x03"); }},
      {"no label", [](SealedField& f) { f.clear_label(); }},
      {"salt", [](SealedField& f) { f.set_salt(CountingUp(0, 32)); }},
      {"commitment", [](SealedField& f) { f.set_commitment(CountingUp(0, 32)); }},
      {"a second key",
       [](SealedField& f) {
         f.set_kind(options::v1::KeyKind::LINK);
         SealedField::Key& key = *f.add_keys();
         key.set_key_id(CountingUp(0xc0, 16));
         key.set_generation(1);
         key.set_ref("s2");
       }},
  };
}

TEST(Sealing, OpensNowhereButWhereItWasSealed) {
  SeededRandom random(7);
  const SecretKey lease_key = SecretKey::Generate(random);
  SealedField field = FieldOfAda();
  Seal(lease_key.view(), Text("Ada"), random, field);
  for (const auto& [name, change] : ChangedLabels()) {
    SealedField changed = field;
    change(changed);
    EXPECT_TRUE(IsWholeHeader(changed)) << name << ": it would be refused for its form alone";
    EXPECT_FALSE(OpenUnder(lease_key, changed)) << name;
  }
}

TEST(Sealing, AcceptsNoneOfAHundredThousandMutationsOfItsBytes) {
  constexpr std::uint64_t kSeed = 20'261'128;
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  SeededRandom random(kSeed);
  const SecretKey lease_key = SecretKey::Generate(random);
  SealedField field = FieldOfAda();
  Seal(lease_key.view(), Text("Ada"), random, field);
  const std::string genuine = field.SerializeAsString();
  google::protobuf::SetLogHandler(nullptr);  // it writes a line about every text that is no UTF-8
  int parsed = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string mutated = genuine;
    const std::size_t at = random.Below(mutated.size());
    switch (random.Below(4)) {
      case 0:
        mutated[at] = static_cast<char>(mutated[at] ^ (1 << random.Below(8)));
        break;
      case 1:
        mutated[at] = static_cast<char>(random.Below(256));
        break;
      case 2:
        mutated.erase(at, 1 + random.Below(4));
        break;
      default:
        mutated.insert(at, 1, static_cast<char>(random.Below(256)));
        break;
    }
    if (mutated == genuine) continue;
    parsed += ParseSealedField(mutated).has_value() ? 1 : 0;
    ASSERT_FALSE(OpenUnder(lease_key, mutated)) << "mutation " << i << " at " << at;
  }
  EXPECT_GT(parsed, 10'000) << "most changes must reach the encryption";
}

TEST(SealedFieldBytes, AreTakenInTheOneFormInWhichTheyAreWritten) {
  SeededRandom random(8);
  SealedField field = FieldOfAda();
  Seal(SecretKey::Generate(random).view(), Text("Ada"), random, field);
  const std::string genuine = field.SerializeAsString();
  ASSERT_TRUE(ParseSealedField(genuine));
  EXPECT_FALSE(ParseSealedField(genuine + std::string("\xf8\x07\x01", 3))) << "an unknown field";
  EXPECT_FALSE(ParseSealedField(genuine + genuine)) << "twice";
  const auto refused = [&field](const std::function<void(SealedField&)>& change) {
    SealedField changed = field;
    change(changed);
    return !ParseSealedField(changed.SerializeAsString());
  };
  EXPECT_TRUE(refused([](SealedField& f) { f.clear_origin(); }));
  EXPECT_TRUE(refused([](SealedField& f) { f.clear_keys(); }));
  EXPECT_TRUE(refused([](SealedField& f) { *f.add_keys() = f.keys(0); }));
  EXPECT_TRUE(refused([](SealedField& f) { f.set_class_(99); }));
  EXPECT_TRUE(refused([](SealedField& f) { f.set_salt("short"); }));
  EXPECT_TRUE(refused([](SealedField& f) { f.set_ciphertext(std::string(65 + 16, 'x')); }));
  EXPECT_TRUE(refused([](SealedField& f) { f.set_ciphertext("short"); }));
}

TEST(SealedFieldBytes, KeepTheirPromisesUnderFuzzing) {
  SeededRandom random(9);
  SealedField field = FieldOfAda();
  Seal(SecretKey::Generate(random).view(), Text("Ada"), random, field);
  std::string seed = field.SerializeAsString();
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes = seed.substr(0, random.Below(seed.size()));
    if (!bytes.empty()) bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
    FuzzSealedField(bytes);
  }
  FuzzSealedField(seed);
}

TEST(WrappedKey, ComesBackUnderItsUpperKeyAndItsLabelsAlone) {
  SeededRandom random(10);
  const SecretKey upper = SecretKey::Generate(random);
  const SecretKey other = SecretKey::Generate(random);
  const SecretKey key = SecretKey::Generate(random);
  const std::string wrapped = WrapKey(upper.view(), key, "labels", random);
  EXPECT_EQ(wrapped.find(std::string(key.view())), std::string::npos);
  const auto back = UnwrapKey(upper.view(), wrapped, "labels");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->view(), key.view());
  EXPECT_FALSE(UnwrapKey(other.view(), wrapped, "labels"));
  EXPECT_FALSE(UnwrapKey(upper.view(), wrapped, "label"));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    std::string changed = wrapped;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    EXPECT_FALSE(UnwrapKey(upper.view(), changed, "labels")) << i;
    EXPECT_FALSE(UnwrapKey(upper.view(), wrapped.substr(0, i), "labels")) << i;
  }
}

TEST(SecretKeys, AreMovedAndWiped) {
  SeededRandom random(11);
  SecretKey first = SecretKey::Generate(random);
  const std::string bytes(first.view());
  const SecretKey copy = first.Clone();
  SecretKey moved = std::move(first);
  EXPECT_EQ(moved.view(), bytes);
  EXPECT_EQ(copy.view(), bytes);
  moved = SecretKey::Generate(random);
  EXPECT_NE(moved.view(), bytes);
  EXPECT_FALSE(SecretKey::From("short"));
  EXPECT_NE(SubkeyOf(copy, "a").view(), SubkeyOf(copy, "b").view());
  char wiped[4] = {'A', 'd', 'a', '!'};
  Cleanse(wiped, sizeof wiped);
  EXPECT_EQ(std::string(wiped, sizeof wiped), std::string(4, '\0'));
}

}  // namespace
}  // namespace holdfast::security
