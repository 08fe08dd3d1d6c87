#include "delivery/public_events.h"

#include <string>

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/metrics/v1/events.pb.h"

#include "absl/time/time.h"
#include "base/timestamps.h"
#include "base/uuid.h"
#include "delivery/cloud_event.h"

namespace holdfast::delivery {
namespace {

using config::v1::Relay;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

absl::Time TenPastNine() {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 2, 9, 10, 5), absl::UTCTimeZone()) +
         absl::Milliseconds(250);
}

Uuid IdOf(int number) {
  Uuid id{};
  id.back() = static_cast<std::uint8_t>(number);
  return id;
}

void AddEvent(journal::v1::Commit& commit, const google::protobuf::Message& event) {
  journal::v1::EventRecord& record = *commit.add_events();
  record.set_event_id(std::string(AsBytes(IdOf(commit.events_size()))));
  record.set_type(event.GetTypeName());
  record.set_schema_version(1);
  *record.mutable_occurred_at() = ToTimestamp(TenPastNine());
  record.set_payload(event.SerializeAsString());
}

journal::v1::Commit SiteCreated() {
  journal::v1::Commit commit;
  commit.set_tenant("westmoor");
  commit.set_seq(12);
  commit.set_stream("site/mill-lane");
  commit.set_traceparent(kTrace);
  initiative::v1::SiteCreated created;
  created.set_name("Mill Lane");
  created.set_site_id("mill-lane");
  AddEvent(commit, created);
  return commit;
}

TEST(PublicEvents, AreCloudEventsWithTheStreamAsKey) {
  PublicEvents events("initiative", Relay::JSON);
  const auto records = events.Of(SiteCreated());
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 1);
  EXPECT_EQ(records->front().key, "site/mill-lane");
  const auto event = ReadCloudEvent(records->front());
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->Get("id"), "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(event->Get("source"), "/holdfast/westmoor/initiative");
  EXPECT_EQ(event->Get("type"), "holdfast.initiative.v1.SiteCreated");
  EXPECT_EQ(event->Get("subject"), "site/mill-lane");
  EXPECT_EQ(event->Get("time"), "2026-03-02T09:10:05.25Z");
  EXPECT_EQ(event->Get("dataschema"), "urn:holdfast:holdfast.initiative.v1.SiteCreated:1");
  EXPECT_EQ(event->Get("sequence"), "12");
  EXPECT_EQ(event->Get("index"), "0");
  EXPECT_EQ(event->Get("traceparent"), kTrace);
  EXPECT_EQ(event->content_type, "application/json");
  EXPECT_EQ(event->data, R"({"name":"Mill Lane","siteId":"mill-lane"})");
}

TEST(PublicEvents, CarryProtobufWhereThatIsConfigured) {
  PublicEvents events("initiative", Relay::PROTOBUF);
  const auto records = events.Of(SiteCreated());
  ASSERT_TRUE(records.ok()) << records.status();
  const auto event = ReadCloudEvent(records->front());
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->content_type, "application/protobuf");
  initiative::v1::SiteCreated created;
  ASSERT_TRUE(created.ParseFromString(event->data));
  EXPECT_EQ(created.name(), "Mill Lane");
}

TEST(PublicEvents, AreThoseThatTheirProtoReleases) {
  journal::v1::Commit commit = SiteCreated();
  AddEvent(commit, metrics::v1::RowsStaged());
  AddEvent(commit, initiative::v1::SiteClosed());
  PublicEvents events("initiative", Relay::JSON);
  const auto records = events.Of(commit);
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 2);
  EXPECT_EQ(ReadCloudEvent((*records)[1])->Get("type"), "holdfast.initiative.v1.SiteClosed");
  EXPECT_EQ(ReadCloudEvent((*records)[1])->Get("index"), "2") << "its place in the commit";
}

TEST(PublicEvents, ThatTheProgramDoesNotKnowStopTheirTenant) {
  journal::v1::Commit commit = SiteCreated();
  commit.mutable_events(0)->set_type("holdfast.initiative.v9.NotYet");
  PublicEvents events("initiative", Relay::JSON);
  EXPECT_EQ(events.Of(commit).status().code(), absl::StatusCode::kDataLoss);
  commit = SiteCreated();
  commit.mutable_events(0)->set_payload("\xff\xff");
  EXPECT_EQ(events.Of(commit).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace holdfast::delivery
