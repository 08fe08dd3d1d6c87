// Real gRPC in one process. Label grpc.
#include "rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include "grpc/health/v1/health.pb.h"
#include "holdfast/testing/v1/door.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "rpc/call.h"
#include "rpc/call_observer.h"
#include "rpc/client.h"
#include "rpc/descriptor_service.h"
#include "rpc/door.h"
#include "rpc/field_validator.h"
#include "rpc/health.h"
#include "rpc/routes.h"
#include "rpc/worker_pool.h"
#include "security/development_issuer.h"
#include "security/directory.h"
#include "security/principal_issuer.h"

namespace holdfast::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::v1::AskRequest;
using testing::v1::CountRequest;
using testing::v1::Part;
using testing::v1::Tell;
using testing::v1::Told;

constexpr char kTell[] = "/holdfast.testing.v1.DoorService/Tell";
constexpr char kAsk[] = "/holdfast.testing.v1.DoorService/Ask";
constexpr char kUpload[] = "/holdfast.testing.v1.DoorService/Upload";
constexpr char kCount[] = "/holdfast.testing.v1.DoorService/Count";
constexpr char kConverse[] = "/holdfast.testing.v1.DoorService/Converse";
constexpr char kLinger[] = "/holdfast.testing.v1.DoorService/Linger";
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

class OneAnalyst final : public security::Directory {
 public:
  std::shared_ptr<const security::Member> Find(std::string_view, std::string_view,
                                               std::string_view) const override {
    return member_;
  }
  bool HasTenant(std::string_view) const override { return true; }
  std::string TenantName(std::string_view) const override { return "Westmoor"; }

 private:
  std::shared_ptr<const security::Member> member_ = std::make_shared<security::Member>(
      security::Member{"police", "actor", {options::v1::Role::ANALYST}});
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    service_ = *DescriptorService::Of("holdfast.testing.v1.DoorService", door_, validator_);
    health_service_ = *health_.Service(door_, validator_);
    service_->HandleUnary("Tell", [](std::unique_ptr<UnaryCall> call) {
      Told told;
      told.set_text(static_cast<const Tell&>(call->request()).name());
      call->Answer(told);
    });
    service_->HandleUnary("Ask",
                          [this](std::unique_ptr<UnaryCall> call) { ask_(std::move(call)); });
    service_->HandleUnary("Greet", [](std::unique_ptr<UnaryCall>) {});  // forgets to answer
    service_->HandleStream("Upload", [this](std::shared_ptr<StreamCall> call) {
      ASSERT_TRUE(pool_.TryPost([call] { SumUp(*call); }));
    });
    service_->HandleStream("Count", [this](std::shared_ptr<StreamCall> call) {
      ASSERT_TRUE(pool_.TryPost([this, call] { CountUp(*call); }));
    });
    service_->HandleStream("Converse", [this](std::shared_ptr<StreamCall> call) {
      ASSERT_TRUE(pool_.TryPost([this, call] { Echo(*call); }));
    });
    service_->HandleStream("Linger", [this](std::shared_ptr<StreamCall> call) {
      ASSERT_TRUE(pool_.TryPost([this, call] { Echo(*call); }));
    });
    ServerOptions options;
    options.port = 0;
    options.reflection = true;
    server_ = *Server::Start(options, {service_.get(), health_service_.get()});
    client_ = std::make_unique<Client>(
        server_->InProcess(), [this] { return development_.Issue("westmoor", "analyst").text; });
  }
  ~ServerTest() override { server_->Shutdown(absl::Now() + absl::Seconds(5)); }

  static void SumUp(StreamCall& call) {
    Part part;
    Told told;
    while (true) {
      const absl::StatusOr<bool> more = call.Read(part);
      if (!more.ok()) return call.Finish(more.status());
      if (!*more) break;
      told.set_number(told.number() + part.content().size());
    }
    call.Write(told);
    call.Finish(absl::OkStatus());
  }

  // Says how long each part was; at the end, whatever it is, how many there were.
  void Echo(StreamCall& call) {
    Part part;
    Told told;
    std::uint64_t parts = 0;
    absl::StatusOr<StreamCall::Arrival> arrival = StreamCall::Arrival::kEnd;
    while ((arrival = call.ReadOrWake(part)).ok() && *arrival != StreamCall::Arrival::kEnd) {
      if (*arrival == StreamCall::Arrival::kWoken) {
        told.set_text("woken");
      } else {
        ++parts;
        told.set_number(part.content().size());
        if (part.content() == "wake") call.Wake();
      }
      call.Write(told);
      told.Clear();
    }
    told.set_number(parts);
    call.Write(told);
    call.Finish(arrival.status());
  }

  void CountUp(StreamCall& call) {
    const auto request = call.TakeRequest();
    const std::uint32_t to = static_cast<const CountRequest&>(*request).to();
    Told told;
    for (std::uint32_t i = 1; i <= to || to == 0; ++i) {
      told.set_number(i);
      if (!call.Write(told)) {
        call.Finish(absl::CancelledError(""));
        if (!count_stopped_.HasBeenNotified()) count_stopped_.Notify();
        return;
      }
    }
    call.Finish(absl::OkStatus());
  }

  Tell GoodTell() const {
    Tell tell;
    tell.set_name("Ann");
    tell.set_mood(Tell::CALM);
    return tell;
  }

  WorkerPool pool_{"test", 2, 8};
  SeededRandom seeded_{1};
  security::DevelopmentIssuer development_{SystemClock(), SystemRandom()};
  security::TokenVerifier verifier_{{development_.Trust({"westmoor"})}, SystemClock()};
  OneAnalyst people_;
  security::PrincipalIssuer principals_{verifier_, people_, SystemClock()};
  FieldValidator validator_;
  Door door_{{&principals_, &validator_, &SystemClock(), &SystemRandom(), &SilentObserver()}};
  Health health_{{"holdfast.testing.v1.DoorService"}};
  std::function<void(std::unique_ptr<UnaryCall>)> ask_;
  absl::Notification count_stopped_;
  std::unique_ptr<DescriptorService> service_;
  std::unique_ptr<DescriptorService> health_service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(ServerTest, AnswersACallThatPassesTheDoor) {
  Told told;
  ASSERT_TRUE(client_->Call(kTell, GoodTell(), told).ok());
  EXPECT_EQ(told.text(), "Ann");
}

TEST_F(ServerTest, AnswersOverASocketToo) {
  Client remote(ConnectTo(server_->address()),
                [this] { return development_.Issue("westmoor", "analyst").text; });
  Told told;
  const absl::Status status = remote.Call(kTell, GoodTell(), told);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(told.text(), "Ann");
}

TEST_F(ServerTest, HearsAConnectionNoMoreThatKeepsSendingWhatCannotBeDecoded) {
  Client remote(ConnectTo(server_->address()),
                [this] { return development_.Issue("westmoor", "analyst").text; });
  Part undecodable;
  undecodable.set_content("\xFF");  // where the method has a text
  CallOptions once;
  once.max_retries = 0;
  Told told;
  for (int i = 0; i < PeerGuard::kMostUndecodable; ++i) {
    EXPECT_EQ(remote.Call(kTell, undecodable, told, once).code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ReasonOf(remote.Call(kTell, GoodTell(), told, once)), "QUOTA");
  EXPECT_TRUE(client_->Call(kTell, GoodTell(), told).ok()) << "by another connection";
}

TEST_F(ServerTest, TellsTheClientEveryBadFieldInTheStandardErrorModel) {
  Told told;
  const absl::Status status = client_->Call(kTell, Tell(), told);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(std::string(status.message()), HasSubstr("name is required; mood is required"));
}

TEST_F(ServerTest, HearsWhatACallIsFor) {
  StatedPurpose stated;
  ask_ = [&stated](std::unique_ptr<UnaryCall> call) {
    stated = call->admitted().stated;
    call->Answer(Told());
  };
  CallOptions options;
  options.purpose = "THREAT_TO_LIFE";
  options.justification = "une vie en dépend";
  Told told;
  ASSERT_TRUE(client_->Call(kAsk, AskRequest(), told, options).ok());
  EXPECT_EQ(stated.purpose, options::v1::Purpose::THREAT_TO_LIFE);
  EXPECT_EQ(stated.justification, "une vie en dépend");
  EXPECT_FALSE(stated.break_glass);
}

TEST_F(ServerTest, RefusesStrangersBeforeItReadsThem) {
  Told told;
  const absl::Status status = client_->Call(kTell, Tell(), told, {.token = ""});
  EXPECT_EQ(ReasonOf(status), "TOKEN_MISSING");
}

TEST_F(ServerTest, HidesAFaultOfItsOwnBehindATrace) {
  ask_ = [](std::unique_ptr<UnaryCall> call) { call->Fail(absl::UnknownError("secret")); };
  Told told;
  const absl::Status status = client_->Call(kAsk, AskRequest(), told);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

TEST_F(ServerTest, AnswersEvenWhereAHandlerForgets) {
  Told told;
  const absl::Status status =
      client_->Call("/holdfast.testing.v1.DoorService/Greet", AskRequest(), told);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
}

TEST_F(ServerTest, RefusesAMessageThatTheServerCannotHold) {
  AskRequest large;
  large.set_text(std::string(2U << 20U, 'a'));
  Told told;
  EXPECT_EQ(client_->Call(kAsk, large, told).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(ServerTest, RepeatsACallWhereTheServiceAsksForIt) {
  std::atomic<int> calls{0};
  std::vector<Uuid> ids;
  ask_ = [&](std::unique_ptr<UnaryCall> call) {
    ids.push_back(call->admitted().command_id);
    if (++calls < 3) {
      return call->Fail(
          WithRetry(ErrorWithReason(absl::StatusCode::kUnavailable, "STEPPED_DOWN", "Ask again."),
                    absl::Milliseconds(1)));
    }
    Told told;
    told.set_number(3);
    call->Answer(told);
  };
  Told told;
  ASSERT_TRUE(client_->Call(kAsk, AskRequest(), told).ok());
  EXPECT_EQ(told.number(), 3U);
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], ids[2]);  // one command, however often it is asked
}

TEST_F(ServerTest, TakesAStreamFromTheClient) {
  const std::unique_ptr<Upload> upload = client_->OpenUpload(kUpload, {});
  Part part;
  part.set_content(std::string(1000, 'x'));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(upload->Write(part));
  Told told;
  const absl::Status status = upload->Finish(told);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(told.number(), 50'000U);
}

TEST_F(ServerTest, ChecksEachMessageOfAStream) {
  const std::unique_ptr<Upload> upload = client_->OpenUpload(kUpload, {});
  Part part;
  part.set_content(std::string(65537, 'x'));
  upload->Write(part);
  Told told;
  EXPECT_EQ(ReasonOf(upload->Finish(told)), "MESSAGE_TOO_LARGE");
}

TEST_F(ServerTest, GivesAStreamToTheClientAndEndsIt) {
  CountRequest request;
  request.set_to(100);
  const std::unique_ptr<Watch> watch = client_->OpenWatch(kCount, request, {});
  Told told;
  std::uint64_t last = 0;
  absl::StatusOr<bool> more = false;
  while ((more = watch->Read(told)).ok() && *more) {
    EXPECT_EQ(told.number(), ++last);
  }
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_EQ(last, 100U);
}

TEST_F(ServerTest, StopsAHandlerWhoseClientIsGone) {
  {
    const std::unique_ptr<Watch> watch = client_->OpenWatch(kCount, CountRequest(), {});
    Told told;
    ASSERT_TRUE(watch->Read(told).ok());
  }
  count_stopped_.WaitForNotification();
}

TEST_F(ServerTest, EndsItsStreamsWhenItDrains) {
  const std::unique_ptr<Watch> watch = client_->OpenWatch(kCount, CountRequest(), {});
  Told told;
  ASSERT_TRUE(watch->Read(told).ok());
  door_.StartDraining();
  service_->EndStreams();
  absl::StatusOr<bool> more = true;
  while ((more = watch->Read(told)).ok() && *more) {
  }
  EXPECT_EQ(ReasonOf(more.status()), "DRAINING");
  EXPECT_EQ(ReasonOf(client_->Call(kTell, GoodTell(), told, {.max_retries = 0})), "DRAINING");
}

TEST_F(ServerTest, ConversesInBothDirections) {
  const std::unique_ptr<Exchange> exchange = client_->OpenExchange(kConverse, {});
  Part part;
  Told told;
  for (std::size_t length = 1; length <= 40; ++length) {
    part.set_content(std::string(length, 'x'));
    ASSERT_TRUE(exchange->Write(part));
    ASSERT_TRUE(*exchange->Read(told));
    EXPECT_EQ(told.number(), length);
  }
  exchange->WritesDone();
  ASSERT_TRUE(*exchange->Read(told));
  EXPECT_EQ(told.number(), 40U);
  EXPECT_FALSE(*exchange->Read(told));
  EXPECT_TRUE(exchange->Finish().ok());
}

TEST_F(ServerTest, WakesAHandlerThatWaitsForTheNextMessage) {
  const std::unique_ptr<Exchange> exchange = client_->OpenExchange(kConverse, {});
  Part part;
  part.set_content("wake");
  ASSERT_TRUE(exchange->Write(part));
  Told told;
  ASSERT_TRUE(*exchange->Read(told));
  EXPECT_EQ(told.number(), 4U);
  ASSERT_TRUE(*exchange->Read(told));
  EXPECT_EQ(told.text(), "woken");
}

TEST_F(ServerTest, AnswersWhatItHasReadBeforeItDrains) {
  const std::unique_ptr<Exchange> exchange = client_->OpenExchange(kConverse, {});
  Told told;
  ASSERT_TRUE(exchange->Write(Part()));
  ASSERT_TRUE(*exchange->Read(told));
  service_->EndStreams();
  ASSERT_TRUE(*exchange->Read(told));
  EXPECT_EQ(told.number(), 1U);
  EXPECT_FALSE(*exchange->Read(told));
  EXPECT_EQ(ReasonOf(exchange->Finish()), "DRAINING");
}

TEST_F(ServerTest, AsksForANewStreamWhereOneHasLastedAsLongAsItMay) {
  const std::unique_ptr<Exchange> exchange = client_->OpenExchange(kLinger, {});
  Told told;
  while (exchange->Read(told).value_or(false)) {
  }
  const absl::Status renew = exchange->Finish();
  EXPECT_EQ(renew.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(renew), "STREAM_RENEW");
}

TEST_F(ServerTest, SaysByTheStandardProtocolHowItIs) {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  HealthCheckRequest request;
  HealthCheckResponse response;
  ASSERT_TRUE(client_->Call(kHealthCheck, request, response, {.token = ""}).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  request.set_service("liveness");
  ASSERT_TRUE(client_->Call(kHealthCheck, request, response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  request.set_service("nobody");
  EXPECT_EQ(client_->Call(kHealthCheck, request, response).code(), absl::StatusCode::kNotFound);

  request.set_service("holdfast.testing.v1.DoorService");
  const std::unique_ptr<Watch> watch = client_->OpenWatch(kHealthWatch, request, {});
  ASSERT_TRUE(watch->Read(response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  health_.SetServing(true);
  ASSERT_TRUE(watch->Read(response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

// A second instance of the service, which answers `Ask` as it is told.
class SecondInstance {
 public:
  SecondInstance(Door& door, FieldValidator& validator,
                 std::function<void(std::unique_ptr<UnaryCall>)> ask)
      : service_(*DescriptorService::Of("holdfast.testing.v1.DoorService", door, validator)) {
    service_->HandleUnary("Ask", std::move(ask));
    for (const char* unary : {"Tell", "Greet"}) {
      service_->HandleUnary(unary, [](std::unique_ptr<UnaryCall>) {});
    }
    for (const char* stream : {"Upload", "Count", "Converse", "Linger"}) {
      service_->HandleStream(stream, [](std::shared_ptr<StreamCall>) {});
    }
    server_ = *Server::Start(ServerOptions(), {service_.get()});
  }
  ~SecondInstance() { server_->Shutdown(absl::Now()); }
  std::string address() const { return server_->address(); }

 private:
  std::unique_ptr<DescriptorService> service_;
  std::unique_ptr<Server> server_;
};

absl::Status NotOwner(const std::string& owner) {
  return ErrorWithReason(absl::StatusCode::kUnavailable, "NOT_OWNER", "", {{"owner", owner}});
}

TEST_F(ServerTest, IsFollowedToTheOwnerWhichIsAskedFirstFromThenOn) {
  int asked = 0;
  const SecondInstance owner(door_, validator_, [&](std::unique_ptr<UnaryCall> call) {
    ++asked;
    call->Answer(Told());
  });
  int turned_away = 0;
  ask_ = [&](std::unique_ptr<UnaryCall> call) {
    ++turned_away;
    call->Fail(NotOwner(owner.address()));
  };
  Client client(*Routes::Parse(absl::StrCat(server_->address(), ",", owner.address())),
                [this] { return development_.Issue("westmoor", "analyst").text; });
  CallOptions options;
  options.token = development_.Issue("westmoor", "analyst").text;
  Told told;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.Call(kAsk, AskRequest(), told, options).ok());
  }
  EXPECT_EQ(turned_away, 1);
  EXPECT_EQ(asked, 3);
  absl::Notification done;
  absl::Status started;
  const AskRequest request;
  client.Start(kAsk, request, told, options, [&](absl::Status status) {
    started = std::move(status);
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_TRUE(started.ok()) << started;
}

TEST_F(ServerTest, IsFollowedWhereAnInstanceIsAwayAndEachIsAskedOnce) {
  int asked = 0;
  ask_ = [&](std::unique_ptr<UnaryCall> call) {
    ++asked;
    call->Fail(NotOwner(""));
  };
  // Nobody listens at port 1.
  Client client(*Routes::Parse(absl::StrCat("127.0.0.1:1,", server_->address())),
                [this] { return development_.Issue("westmoor", "analyst").text; });
  CallOptions options;
  options.max_retries = 0;
  Told told;
  const absl::Status ended = client.Call(kAsk, AskRequest(), told, options);
  EXPECT_EQ(ReasonOf(ended), "NOT_OWNER");
  EXPECT_EQ(asked, 1);
}

TEST_F(ServerTest, IsAskedAgainWhereTheOwnerThatItNamesCannotBeReached) {
  int asked = 0;
  ask_ = [&](std::unique_ptr<UnaryCall> call) {
    // The owner was killed; then this one has taken over.
    if (++asked == 1) return call->Fail(WithRetry(NotOwner("127.0.0.1:1"), absl::Milliseconds(1)));
    call->Answer(Told());
  };
  Client client(*Routes::Parse(absl::StrCat(server_->address(), ",127.0.0.1:1")),
                [this] { return development_.Issue("westmoor", "analyst").text; });
  Told told;
  const absl::Status ended = client.Call(kAsk, AskRequest(), told, {});
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(asked, 2);
}

TEST_F(ServerTest, SaysThatAPortIsTakenOrTakesAnother) {
  ServerOptions same;
  same.port = server_->port();
  const absl::Status taken = Server::Start(same, {}).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(taken.message()), HasSubstr(absl::StrCat("port ", server_->port())));
  same.replace_taken_port = true;
  const auto other = Server::Start(same, {});
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_NE((*other)->port(), server_->port());
}

TEST(Server, ServesNobodyBeyondLoopbackWithoutTls) {
  ServerOptions open;
  open.host = "0.0.0.0";
  EXPECT_EQ(Server::Start(open, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace holdfast::rpc
