#include "delivery/cloud_event.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "base/error.h"

namespace holdfast::delivery {
namespace {

using journal::TopicHeader;
using journal::TopicRecord;
using ::testing::HasSubstr;
using ::testing::Not;

TopicRecord Binary() {
  return {"mill-lane",
          R"({"name":"Mill Lane"})",
          {{"ce_specversion", "1.0"},
           {"ce_id", "17"},
           {"ce_source", "/council/works"},
           {"ce_type", "holdfast.initiative.v1.CreateSite"},
           {"content-type", "application/json; charset=utf-8"}}};
}

TopicRecord Structured(std::string json) {
  return {std::nullopt, std::move(json), {{"content-type", "application/cloudevents+json"}}};
}

TopicRecord Without(TopicRecord record, const std::string& name) {
  std::erase_if(record.headers, [&name](const TopicHeader& header) { return header.name == name; });
  return record;
}

TopicRecord With(TopicRecord record, TopicHeader header) {
  record.headers.push_back(std::move(header));
  return record;
}

std::string WhyNot(const TopicRecord& record) {
  const auto read = ReadCloudEvent(record);
  return read.ok() ? "it is one" : std::string(read.status().message());
}

TEST(CloudEvent, IsReadFromHeaders) {
  const auto event = ReadCloudEvent(Binary());
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->Get("id"), "17");
  EXPECT_EQ(event->Get("source"), "/council/works");
  EXPECT_EQ(event->Get("type"), "holdfast.initiative.v1.CreateSite");
  EXPECT_EQ(event->content_type, "application/json");
  EXPECT_EQ(event->data, R"({"name":"Mill Lane"})");
  EXPECT_EQ(event->Get("subject"), "");
}

TEST(CloudEvent, IsReadFromOneJsonObject) {
  const auto event = ReadCloudEvent(Structured(
      R"({"specversion":"1.0","id":"17","source":"/council","type":"t","priority":3,"subject":null,
          "data":{"name":"Mill Lane","large":9007199254740993}})"));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->Get("priority"), "3");
  EXPECT_EQ(event->Get("subject"), "");
  EXPECT_EQ(event->content_type, kJsonData);
  EXPECT_EQ(event->data, R"({"name":"Mill Lane","large":9007199254740993})");
}

TEST(CloudEvent, CarriesOtherDataAsBase64) {
  const auto event = ReadCloudEvent(Structured(
      R"({"specversion":"1.0","id":"17","source":"/council","type":"t",
          "datacontenttype":"application/protobuf","data_base64":"AQID"})"));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->content_type, kProtobufData);
  EXPECT_EQ(event->data, "\x01\x02\x03");
}

TEST(CloudEvent, IsWrittenAsItIsRead) {
  auto event = ReadCloudEvent(Binary());
  ASSERT_TRUE(event.ok());
  const auto again = ReadCloudEvent(ToRecord(*event));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->attributes, event->attributes);
  EXPECT_EQ(again->content_type, event->content_type);
  EXPECT_EQ(again->data, event->data);
}

TEST(CloudEvent, IsReadAsTheSdkOfJavaScriptSendsIt) {
  const TopicRecord sent = With(With(Binary(), {"ce_datacontenttype", "application/json"}),
                                {"ce_subject", std::nullopt});
  const auto event = ReadCloudEvent(sent);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_FALSE(event->attributes.contains("datacontenttype"));
  EXPECT_FALSE(event->attributes.contains("subject"));
  const auto bare = ReadCloudEvent(Without(sent, "content-type"));
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_EQ(bare->content_type, kJsonData);
}

TEST(CloudEvent, NamesEachAttributeThatIsMissing) {
  const std::string why = WhyNot(Without(Without(Binary(), "ce_id"), "ce_source"));
  EXPECT_THAT(why, HasSubstr("ce_id must not be empty"));
  EXPECT_THAT(why, HasSubstr("ce_source must not be empty"));
  EXPECT_THAT(why, Not(HasSubstr("ce_type")));
}

TEST(CloudEvent, IsRefusedWhereAnAttributeIsOtherwiseThanItMayBe) {
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_id", "18"})), HasSubstr("ce_id must be given once"));
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_Subject", "x"})), HasSubstr("lower-case"));
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_", "x"})), HasSubstr("lower-case"));
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_subject", std::string(1025, 'x')})),
              HasSubstr("ce_subject must be at most 1024 bytes"));
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_subject", "a\nb"})), HasSubstr("ce_subject must"));
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_subject", "\xc3\x28"})), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot(With(Without(Binary(), "ce_id"), {"ce_id", std::nullopt})),
              HasSubstr("ce_id must not be empty"));
  EXPECT_THAT(WhyNot(With(Without(Binary(), "ce_specversion"), {"ce_specversion", "0.3"})),
              HasSubstr("ce_specversion must be 1.0"));
}

TEST(CloudEvent, EchoesNothingOfWhatItRefuses) {
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_secret-name", "Jane\x01"})), Not(HasSubstr("secret")));
  EXPECT_THAT(WhyNot(With(Binary(), {"ce_subject", "Jane\x01"})), Not(HasSubstr("Jane")));
}

TEST(CloudEvent, IsNothingElse) {
  for (const TopicRecord& record :
       {TopicRecord{}, TopicRecord{"k", "{}", {}},
        TopicRecord{"k", "{}", {{"content-type", "application/json"}}},
        TopicRecord{"k", "[]", {{"content-type", "application/cloudevents-batch+json"}}},
        TopicRecord{"k", "x", {{"Content-Type", "application/cloudevents+avro"}}}, Structured(""),
        Structured("[]"), Structured("{"), Structured("null"),
        Structured(R"({"id":"1","id":"2"})")}) {
    const auto read = ReadCloudEvent(record);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << *record.value;
    EXPECT_EQ(ReasonOf(read.status()), "NOT_A_CLOUD_EVENT");
  }
}

TEST(CloudEvent, IsRefusedWhereTheObjectIsOtherwiseThanItMayBe) {
  const auto with = [](const std::string& member) {
    return Structured(R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)" + member + "}");
  };
  EXPECT_THAT(WhyNot(with(R"("data":1,"data_base64":"AQ==")")), HasSubstr("not both"));
  EXPECT_THAT(WhyNot(with(R"("data_base64":"%%")")), HasSubstr("must be Base64"));
  EXPECT_THAT(WhyNot(with(R"("data_base64":7)")), HasSubstr("must be Base64"));
  EXPECT_THAT(WhyNot(with(R"("subject":{"a":1})")), HasSubstr("subject must be a single value"));
  EXPECT_THAT(WhyNot(with(R"("Subject":"x")")), HasSubstr("lower-case"));
}

}  // namespace
}  // namespace holdfast::delivery
