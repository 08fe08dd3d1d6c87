#include "readmodel/event_decoder.h"

#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/testing/v1/events.pb.h"

#include "eventsourcing/upcaster.h"
#include "readmodel/view_type.h"

namespace holdfast::readmodel {
namespace {

namespace v1 = holdfast::testing::v1;
using ::testing::ElementsAre;

struct Labels {
  static constexpr std::string_view kName = "labels@1";
  using Row = v1::ToolRegistered;
  using Event = std::variant<v1::ToolRegistered>;
  static RowKeys Key(const v1::ToolRegistered&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row& row, const v1::ToolRegistered& event, const EventMeta&) { row = event; }
};
static_assert(View<Labels>);

journal::v1::Commit CommitOf(const google::protobuf::Message& event) {
  journal::v1::Commit commit;
  commit.set_tenant("westmoor");
  commit.set_seq(4);
  commit.set_stream("tool/d");
  commit.set_version(2);
  journal::v1::EventRecord& record = *commit.add_events();
  record.set_type(event.GetDescriptor()->full_name());
  record.set_schema_version(1);
  record.set_payload(event.SerializeAsString());
  return commit;
}

std::vector<v1::ToolRegistered> Decoded(EventDecoder& decoder, const journal::v1::Commit& commit) {
  std::vector<v1::ToolRegistered> events;
  const absl::Status decoded =
      decoder.ForEach(commit, [&](const google::protobuf::Message& event, const EventMeta&) {
        events.push_back(static_cast<const v1::ToolRegistered&>(event));
      });
  EXPECT_TRUE(decoded.ok()) << decoded;
  return events;
}

TEST(EventDecoder, PutsSealedFieldsBackWithTheirOrigin) {
  v1::ToolRegistered event;
  event.set_label("drill");
  journal::v1::Commit commit = CommitOf(event);
  journal::v1::SealedField& sealed = *commit.mutable_events(0)->add_sealed();
  sealed.set_field_path("2");
  sealed.set_ciphertext("not to be read");
  const ViewType view = ViewTypeOf<Labels>();
  EventDecoder decoder;
  decoder.Want(view);
  const auto events = Decoded(decoder, commit);
  ASSERT_EQ(events.size(), 1U);
  journal::v1::SealedField found;
  ASSERT_TRUE(found.ParseFromString(events[0].donor().sealed()));
  EXPECT_EQ(found.ciphertext(), "not to be read");
  EXPECT_EQ(found.origin().context(), "testing");
  EXPECT_EQ(found.origin().tenant(), "westmoor");
  EXPECT_EQ(found.origin().version(), 2U);

  // A message that is used again has nothing of the one before.
  EXPECT_FALSE(Decoded(decoder, CommitOf(event))[0].has_donor());
  sealed.set_field_path("9");
  EXPECT_TRUE(absl::IsDataLoss(
      decoder.ForEach(commit, [](const google::protobuf::Message&, const EventMeta&) { FAIL(); })));
}

TEST(EventDecoder, ReadsEventsOfOldAsWhatIsWrittenToday) {
  eventsourcing::Upcasters upcasters;
  upcasters.Add<v1::LoanNoted, v1::ToolRegistered>(1, [](const v1::LoanNoted& old) {
    v1::ToolRegistered today;
    today.set_label("was " + old.tool_id());
    return today;
  });
  upcasters.Add<v1::ToolReturned, v1::LoanOverdue>(
      1, [](const v1::ToolReturned&) { return v1::LoanOverdue(); });
  ViewType view = ViewTypeOf<Labels>();
  view.upcasters = &upcasters;
  EventDecoder decoder;
  decoder.Want(view);
  v1::LoanNoted old;
  old.set_tool_id("d");
  const auto events = Decoded(decoder, CommitOf(old));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].label(), "was d");
  EXPECT_TRUE(Decoded(decoder, CommitOf(v1::ToolReturned())).empty()) << "nobody wants it";
}

}  // namespace
}  // namespace holdfast::readmodel
