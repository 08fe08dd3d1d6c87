#include "http/connect.h"

#include <functional>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/testing/v1/shed.pb.h"
#include "holdfast/testing/v1/shed_service.pb.h"
#include "holdfast/type/v1/batch.pb.h"

#include "base/error.h"

namespace holdfast::http {
namespace {

constexpr char kIssue[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
constexpr char kBatch[] = "/holdfast.testing.v1.ShedService/ExecuteBatch";
constexpr char kStream[] = "/holdfast.testing.v1.ShedService/ExecuteStream";
constexpr char kPeople[] = "/holdfast.directory.v1.DevelopmentIssuerService/ListPeople";

Request Post(std::string path, std::string body, std::string type = "application/json") {
  Request request{
      "POST", std::move(path), "", {{"content-type", std::move(type)}}, std::move(body)};
  return request;
}

// Serves one request with a backend that answers `answer`; keeps the call that reached it.
struct Served {
  Response response;
  UnaryCall call;
  bool reached = false;
};

using MakeAnswer = std::function<absl::StatusOr<UnaryAnswer>()>;

absl::StatusOr<UnaryAnswer> NoPeople() {
  return UnaryAnswer{std::make_unique<directory::v1::People>(), {}};
}

Served Serve(const Request& request, const MakeAnswer& answer = NoPeople) {
  Served served;
  const Backend backend = [&](UnaryCall call, auto done) {
    served.reached = true;
    served.call = std::move(call);
    std::move(done)(answer());
  };
  ServeConnect(backend, request, {{"authorization", "Bearer t"}},
               [&](Response response) { served.response = std::move(response); });
  return served;
}

TEST(Connect, TurnsJsonIntoTheMessageAndTheAnswerIntoJson) {
  const Served served = Serve(Post(kIssue, R"({"tenant":"westmoor","as":"analyst"})"), [] {
    auto token = std::make_unique<directory::v1::IssuedToken>();
    token->set_token("abc");
    return UnaryAnswer{std::move(token), {{"holdfast-position", "7"}}};
  });
  ASSERT_TRUE(served.reached);
  EXPECT_EQ(static_cast<const directory::v1::IssueTokenRequest&>(*served.call.request).as(),
            "analyst");
  EXPECT_EQ(served.response.status, 200);
  EXPECT_EQ(served.response.body, R"({"token":"abc"})");
  const Headers expected = {{"content-type", "application/json"},
                            {"cache-control", "no-store"},
                            {"trailer-holdfast-position", "7"}};
  EXPECT_EQ(served.response.headers, expected);
}

TEST(Connect, RefusesAnUnknownFieldInACommandAndIgnoresItInAQuery) {
  const Served command = Serve(Post(kIssue, R"({"tenant":"westmoor","at":"analyst"})"));
  EXPECT_FALSE(command.reached);
  EXPECT_EQ(command.response.status, 400);
  EXPECT_NE(command.response.body.find("invalid_argument"), std::string::npos);
  EXPECT_EQ(command.response.body.find("analyst"), std::string::npos) << "input must not be echoed";
  EXPECT_TRUE(Serve(Post(kPeople, R"({"later":1})")).reached);
}

TEST(Connect, OpensGetOnlyToMethodsWithoutSideEffects) {
  Request get{"GET", kPeople, "connect=v1&encoding=json&message=%7B%7D", {}, ""};
  EXPECT_TRUE(Serve(get).reached);
  get.path = kIssue;
  EXPECT_EQ(Serve(get).response.status, 405);
  get.path = kPeople;
  get.query = "encoding=proto&base64=1&message=";
  EXPECT_TRUE(Serve(get).reached);
  get.query = "encoding=xml&message=";
  EXPECT_EQ(Serve(get).response.status, 400);
}

TEST(Connect, LetsOnlyTheDoorsHeadersTravel) {
  Request request = Post(kPeople, "");
  request.headers.insert(request.headers.end(), {{"idempotency-key", "k"},
                                                 {"cookie", "secret"},
                                                 {"if-match", "\"7\""},
                                                 {"authorization", "Bearer stolen"}});
  const Served served = Serve(request);
  const Headers expected = {
      {"idempotency-key", "k"}, {"holdfast-expected-version", "7"}, {"authorization", "Bearer t"}};
  EXPECT_EQ(served.call.metadata, expected);
}

TEST(Connect, PassesOnAsBytesWhatComesInBase64) {
  for (const char* const text : {"w6k", "w6k="}) {
    Request request = Post(kPeople, "");
    request.headers.emplace_back("holdfast-justification-bin", text);
    const Headers expected = {{"holdfast-justification-bin", "é"}, {"authorization", "Bearer t"}};
    EXPECT_EQ(Serve(request).call.metadata, expected);
  }
  Request request = Post(kPeople, "");
  request.headers.emplace_back("holdfast-justification-bin", "not base64!");
  EXPECT_EQ(Serve(request).response.status, 400);
}

TEST(Connect, AnswersTheProtocolsOwnFaults) {
  EXPECT_EQ(Serve(Post("/a.B/C", "")).response.status, 404);
  EXPECT_EQ(Serve(Post(kPeople, "", "text/plain")).response.status, 415);
  EXPECT_EQ(Serve(Post(kPeople, "", "application/json; charset=latin1")).response.status, 415);
  EXPECT_TRUE(Serve(Post(kPeople, "", "application/json; charset=utf-8")).reached);
  Request put = Post(kPeople, "");
  put.method = "PUT";
  EXPECT_EQ(Serve(put).response.status, 405);
  Request late = Post(kPeople, "");
  late.headers.emplace_back("connect-timeout-ms", "12345678901");
  EXPECT_EQ(Serve(late).response.status, 400);
  EXPECT_EQ(Serve(Post(kPeople, std::string(40, '[') + std::string(40, ']'))).response.status, 400);
}

TEST(Connect, PassesNothingOnThatHasNoTimeLeft) {
  Request request = Post(kPeople, "");
  request.headers.emplace_back("connect-timeout-ms", "0");
  const Served served = Serve(request);
  EXPECT_FALSE(served.reached);
  EXPECT_EQ(served.response.status, 504);
}

TEST(Connect, NamesTheFieldsOfABodyThatIsNotOfItsForm) {
  const Served served = Serve(Post(kIssue, R"({"tenant":7,"as":"analyst"})"));
  EXPECT_FALSE(served.reached);
  EXPECT_EQ(served.response.status, 400);
  EXPECT_NE(served.response.body.find("tenant must be text"), std::string::npos);
}

TEST(Connect, WritesErrorsWithDetailsInUnpaddedBase64) {
  // The vector of the Connect documentation for BadRequest(site_id, "must not be empty").
  const absl::Status status = InvalidFields({{"site_id", "must not be empty"}});
  const Response response = ErrorResponse(status);
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("ChwKB3NpdGVfaWQSEW11c3Qgbm90IGJlIGVtcHR5"), std::string::npos);
  EXPECT_NE(response.body.find("\"google.rpc.BadRequest\""), std::string::npos);
  const Response retry =
      ErrorResponse(WithRetry(absl::UnavailableError("later"), absl::Seconds(30)));
  EXPECT_EQ(retry.status, 503);
  EXPECT_NE(retry.body.find("CgIIHg\""), std::string::npos);
}

TEST(Connect, CarriesTheCommandsOfABatchByTheirTypes) {
  const Served served = Serve(
      Post(kBatch,
           R"({"items":[{"commandId":"a-1","expectedVersion":"0","command":{)"
           R"("@type":"type.googleapis.com/holdfast.testing.v1.EnrolMember","memberId":"ann"}}]})"),
      [] {
        auto results = std::make_unique<type::v1::CommandResults>();
        results->add_results()->mutable_receipt()->set_stream("member/ann");
        google::rpc::ErrorInfo info;
        info.set_reason("SUSPENDED");
        auto& status = *results->add_results()->mutable_status();
        status.set_code(9);
        status.add_details()->PackFrom(info);
        return UnaryAnswer{std::move(results), {}};
      });
  ASSERT_TRUE(served.reached) << served.response.body;
  const auto& batch = static_cast<const type::v1::CommandBatch&>(*served.call.request);
  testing::v1::EnrolMember enrol;
  ASSERT_TRUE(batch.items(0).command().UnpackTo(&enrol));
  EXPECT_EQ(enrol.member_id(), "ann");
  EXPECT_TRUE(batch.items(0).has_expected_version());
  EXPECT_EQ(served.response.body,
            R"({"results":[{"receipt":{"stream":"member/ann"}},{"status":{"code":9,"details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SUSPENDED"}]}}]})");
}

TEST(Connect, RefusesABatchWithAnUnknownTypeOrFieldInACommand) {
  for (const char* command : {R"({"@type":"type.googleapis.com/nobody.Knows","memberId":"ann"})",
                              R"({"@type":"type.googleapis.com/holdfast.testing.v1.EnrolMember",)"
                              R"("member":"ann"})"}) {
    const Served served = Serve(
        Post(kBatch, std::string(R"({"items":[{"commandId":"a","command":)") + command + "}]}"));
    EXPECT_FALSE(served.reached);
    EXPECT_EQ(served.response.status, 400);
  }
}

TEST(Connect, SaysThatAStreamOfBothDirectionsGoesByGrpcOnly) {
  const Response unary = Serve(Post(kStream, "{}")).response;
  EXPECT_EQ(unary.status, 501);
  EXPECT_NE(unary.body.find("\"code\":\"unimplemented\""), std::string::npos);
  const Response stream = Serve(Post(kStream, "", "application/connect+json")).response;
  EXPECT_EQ(stream.status, 200);
  EXPECT_EQ(stream.headers.front().second, "application/connect+json");
  ASSERT_GT(stream.body.size(), 5U);
  EXPECT_EQ(stream.body[0], 2);  // the end of the stream
  std::size_t length = 0;
  for (const char byte : stream.body.substr(1, 4)) {
    length = length << 8U | static_cast<unsigned char>(byte);
  }
  EXPECT_EQ(length, stream.body.size() - 5);
  EXPECT_EQ(stream.body.substr(5, 10), "{\"error\":{");
  EXPECT_NE(stream.body.find("\"code\":\"unimplemented\""), std::string::npos);
  EXPECT_EQ(Serve(Post(kStream, "", "text/plain")).response.status, 415);
}

TEST(Connect, AnswersAStaleConditionWith412) {
  Request request = Post(kIssue, R"({"tenant":"westmoor","as":"analyst"})");
  request.headers.emplace_back("if-match", "\"3\"");
  EXPECT_EQ(Serve(request, [] { return absl::AbortedError("read again"); }).response.status, 412);
}

}  // namespace
}  // namespace holdfast::http
