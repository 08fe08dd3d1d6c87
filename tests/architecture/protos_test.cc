// Every proto of the tree, and planted ones that must be refused.
#include "protos.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "planted_proto.h"
#include "source_tree.h"

namespace holdfast::architecture {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Faults Plant(const std::string& body) {
  const PlantedProto planted(body);
  if (planted.file() == nullptr) {
    ADD_FAILURE() << "the planted proto does not compile: " << planted.errors();
    return {};
  }
  return CheckProtoFile(*planted.file());
}

auto AFault(const std::string& what) {
  return Contains(Field(&Fault::what, HasSubstr(what)));
}

constexpr const char* kGoodService = R"pb(
  message StartClock { string clock_id = 1 [(options.v1.field)
                                            = { limits: { required: true max_len: 36 } }]
  ;
    repeated int32 hours = 2 [(options.v1.field) = {limits: {max_items: 24}}];
  }
  service Clocks {
    rpc Start(StartClock) returns (type.v1.Receipt) {
      option (options.v1.method) = {roles: [COORDINATOR] audit: NO_PERSONAL_DATA deadline_ms: 2000 max_bytes: 4096};
    }
  }
)pb";

TEST(Protos, AreWholeInTheTree) {
  const SourceTree tree = ReadTree(ProjectRoot());
  int checked = 0;
  for (const SourceFile& file : tree.files) {
    if (!file.path.starts_with("proto/holdfast/") || !file.path.ends_with(".proto")) continue;
    // Made for tests of the door, faults included.
    if (file.path.starts_with("proto/holdfast/testing/")) continue;
    const google::protobuf::FileDescriptor* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(file.path.substr(6));
    ASSERT_NE(descriptor, nullptr) << file.path << " is in no target that this test links";
    EXPECT_THAT(CheckProtoFile(*descriptor), IsEmpty()) << file.path;
    ++checked;
  }
  EXPECT_GE(checked, 5);
}

TEST(Protos, PassWhenNothingIsMissing) {
  EXPECT_THAT(Plant(kGoodService), IsEmpty());
}

TEST(Protos, NeedTheOptionsOfAMethod) {
  const Faults faults =
      Plant("message Nothing {} service Clocks { rpc Start(Nothing) returns (Nothing); }");
  for (const char* what : {"opens to nobody", "no audit verb", "no deadline_ms", "no max_bytes"}) {
    EXPECT_THAT(faults, AFault(what));
  }
}

TEST(Protos, NeedLimitsOnWhatACommandCarries) {
  const std::string service = R"pb(
    message Inner { bytes picture = 1
    ; }
    message StartClock { string clock_id = 1; Inner inner = 2; repeated int32 hours = 3; }
    service Clocks {
      rpc Start(StartClock) returns (type.v1.Receipt) {
        option (options.v1.method) = {roles: [COORDINATOR] audit: NO_PERSONAL_DATA deadline_ms: 1 max_bytes: 1};
      }
    }
  )pb";
  const Faults faults = Plant(service);
  for (const char* field : {"StartClock.clock_id", "Inner.picture", "StartClock.hours"}) {
    EXPECT_THAT(faults, Contains(Field(&Fault::where, HasSubstr(field))));
  }
}

TEST(Protos, LetACommandBeSentInBatchesByWhoeverMaySendIt) {
  const auto service = [](const std::string& batches) {
    return Plant(absl::StrCat(
        "message StartClock { string clock_id = 1 [(options.v1.field) = {limits: {max_len: 36}}]; }"
        "service Clocks { rpc StartClock(v1.StartClock) returns (type.v1.Receipt) {"
        " option (options.v1.method) = {roles: [OFFICER, ANALYST] audit: NO_PERSONAL_DATA"
        " deadline_ms: 1 max_bytes: 1}; }",
        batches, "}"));
  };
  const auto batch = [](const std::string& roles) {
    const std::string options =
        absl::StrCat(" { option (options.v1.method) = {roles: [", roles,
                     "] audit: NO_PERSONAL_DATA deadline_ms: 1 max_bytes: 1}; }");
    return absl::StrCat(
        "rpc ExecuteBatch(type.v1.CommandBatch) returns (type.v1.CommandResults)", options,
        "rpc ExecuteStream(stream type.v1.CommandBatch) returns (stream type.v1.CommandResults)",
        options);
  };
  EXPECT_THAT(service(""), AFault("has commands, but no ExecuteBatch"));
  EXPECT_THAT(service(batch("OFFICER")), AFault("opens to others than its commands"));
  EXPECT_THAT(service(batch("OFFICER, ANALYST, COMMUNITY")),
              AFault("opens to others than its commands"));
  EXPECT_THAT(service(batch("ANALYST, OFFICER")), IsEmpty());
}

TEST(Protos, NeedASentenceForEachRefusal) {
  EXPECT_THAT(Plant("message Refusal { enum Code { CODE_UNSPECIFIED = 0; TOO_LATE = 20; } }"),
              AFault("is a refusal without"));
  EXPECT_THAT(Plant("message Refusal { enum Code { CODE_UNSPECIFIED = 0;"
                    " TOO_LATE = 20 [(options.v1.sentence) = \"Come earlier.\"]; } }"),
              IsEmpty());
}

TEST(Protos, ShareTheLowNumbersOfRefusals) {
  EXPECT_THAT(Plant("message Refusal { enum Code { CODE_UNSPECIFIED = 0;"
                    " TOO_LATE = 2 [(options.v1.sentence) = \"Come earlier.\"]; } }"),
              AFault("mean the same in every context"));
  EXPECT_THAT(Plant("message Refusal { enum Code { CODE_UNSPECIFIED = 0;"
                    " WRONG_STATE = 3 [(options.v1.sentence) = \"Not now.\"]; } }"),
              AFault("mean the same in every context"));
}

TEST(Protos, HoldNoMap) {
  EXPECT_THAT(Plant("message Row { map<string, int32> counts = 1; }"), AFault("map<>"));
}

TEST(Protos, DeclareWhosePersonalDataTheyHold) {
  EXPECT_THAT(Plant("message Seen { type.v1.Personal name = 1; }"), AFault("is Personal without"));
  EXPECT_THAT(Plant("message Seen { string id = 2; type.v1.Personal name = 1"
                    " [(options.v1.field) = {personal: {class: PERSON key: SUBJECT}}]; }"),
              AFault("of nobody"));
  EXPECT_THAT(
      Plant("message Seen { string id = 2; type.v1.Personal name = 1"
            " [(options.v1.field) = {personal: {class: PERSON key: SUBJECT of: \"absent\"}}]; }"),
      AFault("no sibling"));
  EXPECT_THAT(
      Plant("message Seen { string id = 2; type.v1.Personal name = 1"
            " [(options.v1.field) = {personal: {class: PERSON key: SUBJECT of: \"id\"}}]; }"),
      IsEmpty());
}

TEST(Protos, DoNotDenyPersonalData) {
  const Faults faults = Plant(R"pb(
    message Seen { string id = 1 [(options.v1.field)
                                  = { limits: { max_len: 36 } }]
    ;
      type.v1.Personal name = 2 [(options.v1.field) = {personal: {class: PERSON key: SUBJECT of: "id"}}];
    }
    service Sightings {
      rpc Record(Seen) returns (type.v1.Receipt) {
        option (options.v1.method) = {roles: [OFFICER] audit: NO_PERSONAL_DATA deadline_ms: 1 max_bytes: 1};
      }
    }
  )pb");
  EXPECT_THAT(faults, AFault("says NO_PERSONAL_DATA"));
  EXPECT_THAT(faults, AFault("personal without purposes"));
}

}  // namespace
}  // namespace holdfast::architecture
