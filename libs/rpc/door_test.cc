#include "rpc/door.h"

#include <gmock/gmock.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/testing/v1/door.pb.h"

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "rpc/call_observer.h"
#include "rpc/field_validator.h"
#include "rpc/method_plan.h"
#include "rpc/wire_status.h"
#include "security/development_issuer.h"
#include "security/directory.h"
#include "security/principal_issuer.h"

namespace holdfast::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);  // 15 January 2027
};

// "coordinator", "analyst" and "partner" of Westmoor.
class ThreePeople final : public security::Directory {
 public:
  std::shared_ptr<const security::Member> Find(std::string_view, std::string_view,
                                               std::string_view subject) const override {
    using options::v1::Role;
    if (subject == "coordinator") return Person(Role::COORDINATOR);
    if (subject == "analyst") return Person(Role::ANALYST);
    if (subject == "partner") return Person(Role::PARTNER);
    return nullptr;
  }
  bool HasTenant(std::string_view tenant) const override { return tenant == "westmoor"; }
  std::string TenantName(std::string_view) const override { return "Westmoor"; }

 private:
  static std::shared_ptr<const security::Member> Person(options::v1::Role::Code role) {
    return std::make_shared<security::Member>(security::Member{"westmoor-police", "actor", {role}});
  }
};

class Refusals final : public CallObserver {
 public:
  void Started(const MethodPlan&) override {}
  void Handled(const MethodPlan&, absl::StatusCode, absl::Duration) override {}
  void DoorRefused(std::string_view check, std::string_view reason) override {
    seen.push_back(absl::StrCat(absl::string_view(check.data(), check.size()), "/",
                                absl::string_view(reason.data(), reason.size())));
  }
  void TokenRejected(std::string_view) override {}
  void Faulted(const MethodPlan&, const absl::Status&, std::string_view) override {}
  std::vector<std::string> seen;
};

class DoorTest : public ::testing::Test {
 protected:
  DoorTest() {
    for (const std::string_view name : {"Tell", "Ask", "Greet", "Consult"}) {
      const auto* method = testing::v1::Tell::descriptor()
                               ->file()
                               ->FindServiceByName("DoorService")
                               ->FindMethodByName(std::string(name));
      absl::StatusOr<MethodPlan> plan = PlanOf(*method, validator_);
      EXPECT_TRUE(plan.ok()) << plan.status();
      plans_.emplace(name, *std::move(plan));
    }
  }

  std::string BearerOf(std::string_view who) {
    return "Bearer " + development_.Issue("westmoor", who).text;
  }

  absl::StatusOr<Admitted> Enter(std::string_view method,
                                 const std::vector<MetadataEntry>& metadata,
                                 absl::Time deadline = absl::InfiniteFuture()) {
    return door_.Admit(plans_.at(std::string(method)), metadata, deadline);
  }
  absl::StatusOr<Admitted> EnterAs(std::string_view who, std::string_view method,
                                   std::vector<MetadataEntry> more = {}) {
    const std::string bearer = BearerOf(who);
    more.push_back({"authorization", bearer});
    return Enter(method, more);
  }

  absl::Status ReadBytes(std::string_view method, const std::string& bytes,
                         const Admitted& call = {}) {
    const MethodPlan& plan = plans_.at(std::string(method));
    std::unique_ptr<google::protobuf::Message> request(plan.request->New());
    google::protobuf::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
    return door_.Read(
        plan, call, in, bytes.size(), [&bytes] { return bytes; }, *request);
  }

  StoppedClock clock_;
  SeededRandom random_{3};
  security::DevelopmentIssuer development_{clock_, random_};
  security::TokenVerifier verifier_{{development_.Trust({"westmoor"})}, clock_};
  ThreePeople people_;
  security::PrincipalIssuer principals_{verifier_, people_, clock_};
  FieldValidator validator_;
  Refusals refusals_;
  std::map<std::string, MethodPlan> plans_;
  Door door_{{&principals_, &validator_, &clock_, &random_, &refusals_}};
};

TEST_F(DoorTest, LetsInWhoHoldsARoleOfTheMethod) {
  const auto admitted = EnterAs("coordinator", "Tell");
  ASSERT_TRUE(admitted.ok()) << admitted.status();
  EXPECT_EQ(admitted->principal->tenant(), "westmoor");
  EXPECT_FALSE(admitted->repeatable);
  EXPECT_TRUE(EnterAs("analyst", "Ask").ok());
}

TEST_F(DoorTest, RefusesARoleThatTheMethodDoesNotName) {
  const absl::Status refused = EnterAs("partner", "Tell").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "POLICY_DENIED");
  EXPECT_EQ(EnterAs("coordinator", "Ask").status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(DoorTest, AsksAPersonToSignInAgainWhereTheMethodWantsAFreshSignIn) {
  plans_.at("Tell").sign_in_age = absl::Minutes(5);
  const std::string bearer = BearerOf("coordinator");
  clock_.now += absl::Minutes(5);
  EXPECT_TRUE(Enter("Tell", {{"authorization", bearer}}).ok());
  clock_.now += absl::Seconds(1);
  const absl::Status refused = Enter("Tell", {{"authorization", bearer}}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "POLICY_DENIED");
  EXPECT_TRUE(EnterAs("coordinator", "Tell").ok()) << "signed in anew";
}

TEST_F(DoorTest, HearsAConnectionNoMoreThatKeepsSendingWhatCannotBeDecoded) {
  const auto from = [](const char* peer) { return [peer] { return std::string(peer); }; };
  const std::string bytes = "\x12\x7F";
  const MethodPlan& plan = plans_.at("Tell");
  const auto call = EnterAs("coordinator", "Tell");
  ASSERT_TRUE(call.ok());
  for (int i = 0; i < PeerGuard::kMostUndecodable; ++i) {
    std::unique_ptr<google::protobuf::Message> request(plan.request->New());
    google::protobuf::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
    EXPECT_FALSE(door_
                     .Read(
                         plan, *call, in, bytes.size(), [&bytes] { return bytes; }, *request, {},
                         from("ipv4:127.0.0.1:1"))
                     .ok());
  }
  const auto ask = [&](const char* peer) {
    return door_.Admit(plans_.at("Greet"), {}, absl::InfiniteFuture(), from(peer)).status();
  };
  EXPECT_EQ(ReasonOf(ask("ipv4:127.0.0.1:1")), "QUOTA");
  EXPECT_TRUE(ask("ipv4:127.0.0.1:2").ok());
  clock_.now += PeerGuard::kWindow;
  EXPECT_TRUE(ask("ipv4:127.0.0.1:1").ok());
}

TEST_F(DoorTest, AsksWhatForWhereTheMethodNamesPurposes) {
  const absl::Status refused = EnterAs("analyst", "Consult").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refused), "PURPOSE_REQUIRED");
  EXPECT_EQ(ToWire(refused).details_size(), 1);
  EXPECT_THAT(ToWire(refused).details(0).value(), HasSubstr("holdfast-purpose"));
  EXPECT_THAT(refusals_.seen, ::testing::ElementsAre("purpose/PURPOSE_REQUIRED"));
}

TEST_F(DoorTest, KeepsWhatACallSaysItIsFor) {
  const auto admitted = EnterAs(
      "analyst", "Consult",
      {{"holdfast-purpose", "Safeguarding"}, {"holdfast-justification-bin", "a child is missing"}});
  ASSERT_TRUE(admitted.ok()) << admitted.status();
  EXPECT_EQ(admitted->stated.purpose, options::v1::Purpose::SAFEGUARDING);
  EXPECT_EQ(admitted->stated.justification, "a child is missing");
  EXPECT_FALSE(admitted->stated.break_glass);
}

TEST_F(DoorTest, RefusesAPurposeThatTheMethodDoesNotName) {
  const absl::Status refused =
      EnterAs("analyst", "Consult", {{"holdfast-purpose", "EVALUATION"}}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "POLICY_DENIED");
}

TEST_F(DoorTest, TakesAnyPurposeWhereTheMethodNamesNone) {
  EXPECT_TRUE(EnterAs("analyst", "Ask").ok());
  EXPECT_TRUE(EnterAs("analyst", "Ask", {{"holdfast-purpose", "EVALUATION"}}).ok());
}

TEST_F(DoorTest, RefusesAPurposeOrAJustificationThatItCannotRead) {
  const auto reason = [this](std::string_view key, std::string_view value) {
    return ReasonOf(EnterAs("analyst", "Ask", {{key, value}}).status());
  };
  EXPECT_EQ(reason("holdfast-purpose", "CURIOSITY"), "FIELD_INVALID");
  EXPECT_EQ(reason("holdfast-purpose", "CODE_UNSPECIFIED"), "FIELD_INVALID");
  EXPECT_EQ(reason("holdfast-justification-bin", "\xff"), "FIELD_INVALID");
  EXPECT_EQ(reason("holdfast-justification-bin", std::string(2'001, 'x')), "FIELD_INVALID");
  EXPECT_EQ(reason("holdfast-break-glass", "yes"), "FIELD_INVALID");
}

TEST_F(DoorTest, BreaksGlassOnlyWhereTheMethodAllowsItAndSaysWhy) {
  const auto enter = [this](std::string_view method, std::string_view why) {
    std::vector<MetadataEntry> more = {{"holdfast-purpose", "THREAT_TO_LIFE"},
                                       {"holdfast-break-glass", "1"}};
    if (!why.empty()) more.push_back({"holdfast-justification-bin", why});
    return EnterAs("analyst", method, std::move(more));
  };
  EXPECT_EQ(ReasonOf(enter("Ask", "a life").status()), "POLICY_DENIED");
  EXPECT_EQ(ReasonOf(enter("Consult", "").status()), "FIELD_INVALID");
  ASSERT_TRUE(enter("Consult", "a life").ok());
  EXPECT_TRUE(enter("Consult", "a life")->stated.break_glass);
}

TEST_F(DoorTest, AsksWhatForOfACommandInABatchToo) {
  const auto call = EnterAs("analyst", "Ask");
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(ReasonOf(door_.AdmitItem(plans_.at("Consult"), *call, "k1").status()),
            "PURPOSE_REQUIRED");
}

TEST_F(DoorTest, RefusesAMessageThatNamesAnotherTenant) {
  const auto call = EnterAs("analyst", "Consult", {{"holdfast-purpose", "SAFEGUARDING"}});
  ASSERT_TRUE(call.ok());
  testing::v1::ConsultRequest request;
  EXPECT_TRUE(ReadBytes("Consult", request.SerializeAsString(), *call).ok());
  request.set_tenant("westmoor");
  EXPECT_TRUE(ReadBytes("Consult", request.SerializeAsString(), *call).ok());
  request.set_tenant("eastvale");
  const absl::Status refused = ReadBytes("Consult", request.SerializeAsString(), *call);
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "POLICY_DENIED");
  EXPECT_THAT(refusals_.seen, ::testing::ElementsAre("tenant/POLICY_DENIED"));
}

TEST_F(DoorTest, RefusesACallWithoutTokenOrWithTwo) {
  EXPECT_EQ(ReasonOf(Enter("Tell", {}).status()), "TOKEN_MISSING");
  const std::string bearer = BearerOf("coordinator");
  const absl::Status twice =
      Enter("Tell", {{"authorization", bearer}, {"authorization", bearer}}).status();
  EXPECT_EQ(twice.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(twice), "METADATA_INVALID");
  EXPECT_THAT(refusals_.seen,
              ::testing::ElementsAre("token/TOKEN_MISSING", "metadata/METADATA_INVALID"));
}

TEST_F(DoorTest, RefusesAPersonOfAnUnknownTenant) {
  const std::string bearer = "Bearer " + development_.Issue("elsewhere", "coordinator").text;
  const absl::Status refused = Enter("Tell", {{"authorization", bearer}}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonOf(refused), "TOKEN_INVALID");
}

TEST_F(DoorTest, OpensAPublicMethodToAnyone) {
  const auto admitted = Enter("Greet", {});
  ASSERT_TRUE(admitted.ok());
  EXPECT_EQ(admitted->principal, nullptr);
}

TEST_F(DoorTest, RefusesMetadataThatIsTooMuchOrNotOnItsList) {
  const auto refuses = [this](const std::vector<MetadataEntry>& metadata) {
    return ReasonOf(Enter("Greet", metadata).status()) == "METADATA_INVALID";
  };
  EXPECT_TRUE(refuses({{"x-tenant", "eastvale"}}));
  EXPECT_TRUE(refuses(std::vector<MetadataEntry>(33, {"grpc-tag", "1"})));
  const std::string heavy(5000, 'a');
  EXPECT_TRUE(refuses({{"traceparent", heavy}}));
  EXPECT_TRUE(refuses({{"idempotency-key", "a"}, {"idempotency-key", "b"}}));
  EXPECT_TRUE(Enter("Greet", {{"user-agent", "grpc-c++"}, {"grpc-accept-encoding", "gzip"}}).ok());
}

TEST_F(DoorTest, MakesTheCommandIdFromWhoAsksAndTheirKey) {
  const auto first = EnterAs("coordinator", "Tell", {{"idempotency-key", "\"k1\""}});
  const auto again = EnterAs("coordinator", "Tell", {{"idempotency-key", "k1"}});
  const auto other_key = EnterAs("coordinator", "Tell", {{"idempotency-key", "k2"}});
  const auto other_person = EnterAs("analyst", "Tell", {{"idempotency-key", "k1"}});
  ASSERT_TRUE(first.ok() && again.ok() && other_key.ok() && other_person.ok());
  EXPECT_TRUE(first->repeatable);
  EXPECT_EQ(first->command_id, again->command_id);
  EXPECT_NE(first->command_id, other_key->command_id);
  EXPECT_NE(first->command_id, other_person->command_id);
  for (const std::string_view bad : {"", "\"\"", "a b", "\x7f"}) {
    EXPECT_EQ(ReasonOf(EnterAs("coordinator", "Tell", {{"idempotency-key", bad}}).status()),
              "FIELD_INVALID");
  }
}

TEST_F(DoorTest, ReadsTheExpectedVersionStrictly) {
  EXPECT_EQ(EnterAs("coordinator", "Tell", {{"holdfast-expected-version", "7"}})->expected_version,
            7U);
  EXPECT_EQ(EnterAs("coordinator", "Tell", {{"holdfast-expected-version", "0"}})->expected_version,
            0U);
  for (const std::string_view bad : {"", "-1", "7x", " 7", "99999999999999999999"}) {
    EXPECT_EQ(
        ReasonOf(EnterAs("coordinator", "Tell", {{"holdfast-expected-version", bad}}).status()),
        "FIELD_INVALID")
        << bad;
  }
}

TEST_F(DoorTest, GivesACallTheShorterOfItsOwnDeadlineAndTheMethods) {
  const absl::Time soon = clock_.now + absl::Seconds(1);
  EXPECT_EQ(Enter("Greet", {}, soon)->deadline, soon);
  EXPECT_EQ(Enter("Greet", {}, clock_.now + absl::Hours(1))->deadline,
            clock_.now + absl::Seconds(2));
  EXPECT_EQ(Enter("Greet", {})->deadline, clock_.now + absl::Seconds(2));
}

TEST_F(DoorTest, CarriesATraceOnAndStartsANewOneWhereItIsUnreadable) {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(Enter("Greet", {{"traceparent", good}})->trace.header, good);
  for (const std::string_view bad :
       {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01", "x"}) {
    const auto admitted = Enter("Greet", {{"traceparent", bad}});
    ASSERT_TRUE(admitted.ok());
    EXPECT_NE(admitted->trace.header, bad);
    EXPECT_TRUE(ParseTraceParent(admitted->trace.header).has_value());
  }
}

TEST_F(DoorTest, SaysThatItDrainsToWhoeverMayKnow) {
  door_.StartDraining();
  const absl::Status refused = EnterAs("coordinator", "Tell").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "DRAINING");
  EXPECT_TRUE(refused.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  EXPECT_EQ(Enter("Tell", {}).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(DoorTest, RefusesAMessageThatIsTooLargeBeforeReadingIt) {
  const absl::Status refused = ReadBytes("Tell", std::string(4097, '\0'));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "MESSAGE_TOO_LARGE");
}

TEST_F(DoorTest, SaysWhichFieldIsNotUtf8) {
  testing::v1::Tell tell;
  tell.set_name("ok");
  std::string bytes = tell.SerializeAsString();
  // lines { under { text: <FF> } }
  bytes += std::string("\x4A\x05\x12\x03\x0A\x01\xFF", 7);
  const absl::Status refused = ReadBytes("Tell", bytes);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("lines.under.text is not UTF-8"));
}

TEST_F(DoorTest, RefusesBytesThatAreNoMessage) {
  const absl::Status refused = ReadBytes("Tell", "\x12\x7Fsecret");
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refused), "FIELD_INVALID");
  EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("secret")));
}

TEST_F(DoorTest, RefusesNestingBeyondItsDepth) {
  std::string bytes;
  testing::v1::Tell::Line line;
  line.set_text("x");
  std::string inner = line.SerializeAsString();
  for (int i = 0; i < 40; ++i) {
    std::string outer;
    outer.push_back('\x12');
    outer.push_back(static_cast<char>(inner.size()));
    if (inner.size() > 127) break;
    inner = outer + inner;
  }
  bytes = "\x4A";
  bytes.push_back(static_cast<char>(inner.size()));
  bytes += inner;
  const absl::Status refused = ReadBytes("Tell", bytes);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(DoorTest, RefusesAnUnknownFieldInACommandButNotInAQuestion) {
  testing::v1::Tell tell;
  tell.set_name("Ann");
  tell.set_mood(testing::v1::Tell::CALM);
  const std::string unknown("\xA2\x06\x01z", 4);  // field 100
  const absl::Status refused = ReadBytes("Tell", tell.SerializeAsString() + unknown);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refused), "UNKNOWN_FIELD");
  EXPECT_TRUE(ReadBytes("Ask", unknown).ok());
}

TEST_F(DoorTest, RefusesAFieldOfAnotherTypeByItsName) {
  testing::v1::Tell tell;
  tell.set_name("Ann");
  tell.set_mood(testing::v1::Tell::CALM);
  const absl::Status refused =
      ReadBytes("Tell", tell.SerializeAsString() + std::string("\x2A\x01z", 3));  // count, as text
  EXPECT_EQ(ReasonOf(refused), "FIELD_INVALID");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("count has another type"));
}

TEST(WireStatus, KeepsWhatAServiceSaidOnItsWayAndBack) {
  absl::Status status = InvalidFields({{"name", "is required"}});
  status = WithReason(status, "SECOND", {{"field", "x"}});
  status = WithRetry(status, absl::Milliseconds(1500));
  const absl::Status back = FromWire(ToWire(status));
  EXPECT_EQ(back, status);
  const google::rpc::Status wire = ToWire(status);
  google::rpc::ErrorInfo first;
  for (const auto& detail : wire.details()) {
    if (detail.UnpackTo(&first)) break;
  }
  EXPECT_EQ(first.reason(), "FIELD_INVALID");
}

TEST(WireStatus, HidesWhatALibrarySays) {
  const absl::Status hidden =
      ForStrangers(absl::InternalError("open /secret/path: denied"), "0af7651916cd43dd");
  EXPECT_EQ(hidden.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(hidden.message()), Not(HasSubstr("secret")));
  EXPECT_THAT(std::string(hidden.message()), HasSubstr("0af7651916cd43dd"));
  const absl::Status plain = ForStrangers(absl::NotFoundError("no Jane Doe"), "");
  EXPECT_EQ(ReasonOf(plain), "NOT_FOUND");
  EXPECT_THAT(std::string(plain.message()), Not(HasSubstr("Jane")));
}

}  // namespace
}  // namespace holdfast::rpc
