#include "eventsourcing/event_codec.h"

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/testing/v1/events.pb.h"
#include "holdfast/testing/v1/shed.pb.h"

#include "eventsourcing/command.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/message_traits.h"
#include "eventsourcing/sealer.h"

namespace holdfast::eventsourcing {
namespace {

namespace v1 = testing::v1;

journal::v1::Commit CommitWith(const google::protobuf::Message& event, std::uint32_t version) {
  journal::v1::Commit commit;
  commit.set_tenant("westmoor");
  commit.set_seq(4);
  commit.set_stream("tool/d");
  commit.set_version(2);
  journal::v1::EventRecord& record = *commit.add_events();
  record.set_type(event.GetDescriptor()->full_name());
  record.set_schema_version(version);
  record.set_payload(event.SerializeAsString());
  return commit;
}

TEST(EventCodec, PutsSealedFieldsBackInTheirPlaceWithTheirOrigin) {
  v1::ToolRegistered event;
  event.set_label("drill");
  journal::v1::Commit commit = CommitWith(event, 1);
  journal::v1::SealedField& sealed = *commit.mutable_events(0)->add_sealed();
  sealed.set_field_path("2");
  sealed.set_ciphertext("not to be read");
  const Upcasters upcasters;
  EventCodec codec(upcasters, "testing");

  const auto for_views = codec.Decode(commit, commit.events(0), Sealed::kPutBack);
  ASSERT_TRUE(for_views.ok()) << for_views.status();
  const auto& registered = static_cast<const v1::ToolRegistered&>(**for_views);
  journal::v1::SealedField found;
  ASSERT_TRUE(found.ParseFromString(registered.donor().sealed()));
  EXPECT_EQ(found.ciphertext(), "not to be read");
  EXPECT_EQ(found.origin().tenant(), "westmoor");
  EXPECT_EQ(found.origin().stream(), "tool/d");
  EXPECT_EQ(found.origin().context(), "testing");

  const auto for_evolve = codec.Decode(commit, commit.events(0), Sealed::kLeftOut);
  ASSERT_TRUE(for_evolve.ok());
  EXPECT_FALSE(static_cast<const v1::ToolRegistered&>(**for_evolve).has_donor());
}

TEST(EventCodec, SaysWhatItCannotRead) {
  journal::v1::Commit commit = CommitWith(v1::ToolReturned(), 1);
  const Upcasters upcasters;
  EventCodec codec(upcasters, "testing");
  commit.mutable_events(0)->set_type("holdfast.testing.v1.NotYetInvented");
  EXPECT_TRUE(absl::IsDataLoss(codec.Decode(commit, commit.events(0), Sealed::kLeftOut).status()));
  commit.mutable_events(0)->set_type("holdfast.testing.v1.ToolRegistered");
  commit.mutable_events(0)->set_payload("\xff\xff\xff");
  EXPECT_TRUE(absl::IsDataLoss(codec.Decode(commit, commit.events(0), Sealed::kLeftOut).status()));
}

TEST(Upcasters, ReadEventsOfOldAsWhatIsWrittenToday) {
  Upcasters upcasters;
  upcasters.Add<v1::LoanOverdue, v1::LoanOverdue>(1, [](const v1::LoanOverdue&) {
    v1::LoanOverdue newer;
    newer.mutable_due_at()->set_seconds(7);
    return newer;
  });
  upcasters.Add<v1::LoanOverdue, v1::ToolReturned>(
      2, [](const v1::LoanOverdue&) { return v1::ToolReturned(); });
  EventCodec codec(upcasters, "testing");
  const journal::v1::Commit first = CommitWith(v1::LoanOverdue(), 1);
  const auto today = codec.Decode(first, first.events(0), Sealed::kLeftOut);
  ASSERT_TRUE(today.ok());
  EXPECT_EQ((*today)->GetDescriptor(), v1::ToolReturned::descriptor());
  EXPECT_EQ(upcasters.VersionOf("holdfast.testing.v1.LoanOverdue"), 3U);
  EXPECT_EQ(upcasters.VersionOf("holdfast.testing.v1.ToolReturned"), 1U);
}

TEST(CommandMac, TellsCommandsApartButNotWhatTheDoorResolved) {
  FileMacKeys keys("a secret of thirty-two bytes ...");
  CommandMac macs(keys);
  v1::LendTool command;
  command.set_tool_id("d");
  const CommandMac::Mac first = *macs.Of("westmoor", "Lend", command);
  EXPECT_NE(first.key, 0U);
  command.mutable_resolved()->set_enrolled(true);
  EXPECT_EQ(*macs.Of("westmoor", "Lend", command), first);
  EXPECT_NE(macs.Of("otherham", "Lend", command)->mac, first.mac);
  EXPECT_NE(macs.Of("westmoor", "Return", command)->mac, first.mac);
  command.set_member_id("ann");
  EXPECT_NE(macs.Of("westmoor", "Lend", command)->mac, first.mac);
}

TEST(MessageTraits, KnowWhatIsPersonalAndWhatTheDoorFills) {
  EXPECT_TRUE(TraitsOf(*v1::RegisterTool::descriptor()).personal);
  EXPECT_FALSE(TraitsOf(*v1::RegisterTool::descriptor()).resolved);
  EXPECT_TRUE(TraitsOf(*v1::LendTool::descriptor()).resolved);
  CommandRequest request;
  request.command = std::make_unique<v1::RegisterTool>();
  auto& command = static_cast<v1::RegisterTool&>(*request.command);
  command.mutable_donor()->set_text("a name");
  EXPECT_FALSE(NoSealer().Admit(request).ok());
  ClearPersonal(command);
  EXPECT_TRUE(NoSealer().Admit(request).ok());
}

}  // namespace
}  // namespace holdfast::eventsourcing
