#include "security/checkpoint.h"

#include <memory>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "security/merkle_tree.h"

namespace holdfast::security {
namespace {

using ::testing::HasSubstr;

// The key of RFC 8032 §7.1, test 2.
std::unique_ptr<const Ed25519PrivateKey> KnownKey() {
  return Ed25519PrivateKey::FromPem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
      "-----END PRIVATE KEY-----\n");
}

Checkpoint OneEmptyLeaf() {
  return {.origin = "example/audit/westmoor", .size = 1, .root = MerkleLeaf("")};
}
const absl::Time kWitnessed = absl::FromUnixSeconds(1'795'867'200);

// Made by openssl and Python's hashlib from the text of the formats.
constexpr std::string_view kNote =
    "example/audit/westmoor\n"
    "1\n"
    "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n"
    "\n"
    "\u2014 example/audit 3LdSBpMa9EywLbqLY9xl+RDoxsmlIWOjAkxlwCCJo6IhVOD480PE3EOkOqiw1XR/"
    "kcKuAbxqTH4VnrjYdkWiw+bRgA8=\n"
    "\u2014 eastvale/witness w9b3qAAAAABrCsJAcy7JMs3UiKXikX1iUhlZIU5uuRvKESWHiQS1OmTQ0AdE5CbIaEAE"
    "Nl5ngRWm+K64y4CM2bp+vbsnat7xW1+wBA==\n";

class ACheckpoint : public ::testing::Test {
 protected:
  NoteKey Log() const { return {"example/audit", &key_->public_key()}; }
  NoteKey Witness() const { return {"eastvale/witness", &key_->public_key()}; }
  SignedCheckpoint Signed() const {
    return {OneEmptyLeaf(),
            {SignCheckpoint(OneEmptyLeaf(), Log().name, *key_),
             CosignCheckpoint(OneEmptyLeaf(), Witness().name, *key_, kWitnessed)}};
  }
  std::unique_ptr<const Ed25519PrivateKey> key_ = KnownKey();
};

TEST_F(ACheckpoint, IsWrittenAsOtherPeoplesToolsWriteIt) {
  EXPECT_EQ(FormatCheckpoint(Signed()), kNote);
}

TEST_F(ACheckpoint, IsReadAsItWasWritten) {
  const auto read = ParseCheckpoint(kNote);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->checkpoint, OneEmptyLeaf());
  EXPECT_EQ(FormatCheckpoint(*read), kNote);
  EXPECT_TRUE(IsSignedBy(*read, Log()));
  EXPECT_EQ(CosignedBy(*read, Witness()), kWitnessed);
}

TEST_F(ACheckpoint, IsSignedByNobodyElse) {
  const auto other = Ed25519PrivateKey::Generate();
  EXPECT_FALSE(IsSignedBy(Signed(), {"example/audit", &other->public_key()}));
  EXPECT_FALSE(IsSignedBy(Signed(), {"another/audit", &key_->public_key()}));
  EXPECT_FALSE(CosignedBy(Signed(), {"eastvale/witness", &other->public_key()}));
}

TEST_F(ACheckpoint, ASignatureOfOneKindIsNoneOfTheOther) {
  EXPECT_FALSE(IsSignedBy(Signed(), Witness()));
  EXPECT_FALSE(CosignedBy(Signed(), Log()));
}

TEST_F(ACheckpoint, ASignatureUnderAnotherTreeDoesNotHold) {
  SignedCheckpoint moved = Signed();
  moved.checkpoint.size = 2;
  EXPECT_FALSE(IsSignedBy(moved, Log()));
  EXPECT_FALSE(CosignedBy(moved, Witness()));
  moved = Signed();
  moved.checkpoint.origin = "example/audit/eastvale";
  EXPECT_FALSE(IsSignedBy(moved, Log()));
  EXPECT_FALSE(CosignedBy(moved, Witness()));
}

TEST_F(ACheckpoint, NamesWhatIsWrongWithANoteThatIsNone) {
  const auto why = [](std::string_view note) {
    return std::string(ParseCheckpoint(note).status().message());
  };
  EXPECT_THAT(why(""), HasSubstr("no origin"));
  EXPECT_THAT(why("an origin\n1\n"), HasSubstr("no origin"));
  EXPECT_THAT(why("origin\n01\n"), HasSubstr("no size"));
  EXPECT_THAT(why("origin\n-1\n"), HasSubstr("no size"));
  EXPECT_THAT(why("origin\n18446744073709551616\n"), HasSubstr("no size"));
  EXPECT_THAT(why("origin\n1\nAAAA\n"), HasSubstr("no root"));
  EXPECT_THAT(why("origin\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0\n"),
              HasSubstr("no root"));
  const std::string text = OneEmptyLeaf().Text();
  EXPECT_THAT(why(text + "an extension\n\n"), HasSubstr("an empty line"));
  EXPECT_THAT(why(text + "\n"), HasSubstr("nobody has signed"));
  EXPECT_THAT(why(text + "\n- name AAAAAAAA\n"), HasSubstr("dash"));
  EXPECT_THAT(why(text + "\n\u2014 name\n"), HasSubstr("no name"));
  EXPECT_THAT(why(text + "\n\u2014 name AAAA\n"), HasSubstr("no key id"));
  EXPECT_THAT(why(text + "\n\u2014 name AAAAAAAA"), HasSubstr("no end"));
  EXPECT_THAT(why(std::string(16'385, 'a')), HasSubstr("16 KiB"));
}

// 100,000 notes of which one byte was changed, left out or added: none holds that says anything
// else.
TEST_F(ACheckpoint, NoChangedNoteHolds) {
  SeededRandom random(7);
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string note(kNote);
    const std::size_t at = random.Below(note.size());
    const auto byte = static_cast<char>(random.Below(256));
    switch (random.Below(3)) {
      case 0:
        if (note[at] == byte) continue;
        note[at] = byte;
        break;
      case 1:
        note.erase(at, 1);
        break;
      default:
        note.insert(at, 1, byte);
    }
    const auto parsed = ParseCheckpoint(note);
    if (!parsed.ok()) continue;
    ++read;
    EXPECT_EQ(FormatCheckpoint(*parsed), note);
    const bool both = IsSignedBy(*parsed, Log()) && CosignedBy(*parsed, Witness()).has_value();
    EXPECT_FALSE(both) << note;
  }
  EXPECT_GT(read, 1000) << "some must get as far as the signatures";
}

}  // namespace
}  // namespace holdfast::security
