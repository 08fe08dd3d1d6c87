#include "delivery/delivery_worker.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <pthread.h>

#include "holdfast/config/v1/config.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "archive/durable_file.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "delivery/command_catalogue.h"
#include "delivery/context_relay.h"
#include "delivery/inbound_desk.h"
#include "delivery/public_events.h"
#include "journal/topic_client.h"
#include "observability/log.h"
#include "observability/metrics.h"
#include "rpc/client.h"

namespace holdfast::delivery {
namespace {

namespace pb = google::protobuf;

// A new context joins here, and in CMakeLists.txt its proto.
struct Published {
  const char* context;
  const char* service;
};
constexpr Published kContexts[] = {
    {"initiative", "holdfast.initiative.v1.InitiativeService"},
    {"metrics", "holdfast.metrics.v1.MetricsService"},
};

constexpr absl::Duration kTopicPatience = absl::Seconds(15);
constexpr absl::Duration kAnswerPatience = absl::Seconds(10);
constexpr absl::Duration kIdle = absl::Seconds(1);
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(30);
// A command, with its repetitions, and the pause after it.
constexpr absl::Duration kMaxSilence = absl::Minutes(3);

// A thread that goes round until it is ended, can be woken, and says when it last went.
class Loop {
 public:
  // `round` answers how long to wait before the next one.
  using Round = std::function<absl::Duration()>;

  ~Loop() { End(); }

  void Begin(std::string name, Round round) {
    thread_ = std::jthread([this, name = std::move(name), round = std::move(round)] {
      pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
      while (!ended()) {
        Tick();
        Wait(round());
      }
    });
  }
  // Does not wait.
  void Stop() {
    const absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  void End() {
    Stop();
    if (thread_.joinable()) thread_.join();
  }
  void Wake() {
    const absl::MutexLock lock(&mutex_);
    woken_ = true;
  }
  // kCancelled once it is to end. Counts as a sign of life.
  absl::Status GoOn() {
    Tick();
    return ended() ? absl::CancelledError("the process ends") : absl::OkStatus();
  }
  absl::Status Live() const {
    const absl::MutexLock lock(&mutex_);
    if (SystemClock().SinceBoot() - ticked_ <= kMaxSilence) return absl::OkStatus();
    return absl::UnavailableError("a thread of the delivery has not moved for three minutes");
  }

 private:
  bool ended() const {
    const absl::MutexLock lock(&mutex_);
    return ended_;
  }
  void Tick() {
    const absl::MutexLock lock(&mutex_);
    ticked_ = SystemClock().SinceBoot();
  }
  void Wait(absl::Duration most) {
    const absl::MutexLock lock(&mutex_);
    const auto over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ || woken_; };
    mutex_.AwaitWithTimeout(absl::Condition(&over), most);
    woken_ = false;
  }

  mutable absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration ticked_ ABSL_GUARDED_BY(mutex_) = SystemClock().SinceBoot();
  std::jthread thread_;
};

// Longer after each failure.
class Pause {
 public:
  absl::Duration Next() { return std::exchange(next_, std::min(next_ * 2, kLongestPause)); }
  void Reset() { next_ = kFirstPause; }

 private:
  absl::Duration next_ = kFirstPause;
};

class RelayThread {
 public:
  explicit RelayThread(RelayOptions options) : context_(options.context) {
    options.go_on = [this] { return loop_.GoOn(); };
    relay_.emplace(std::move(options));
    lag_ = metrics::Process().Read(metrics::kRelayLagSeconds, {context_},
                                   [this] { return absl::ToDoubleSeconds(relay_->Lag()); });
    loop_.Begin("relay-" + context_, [this] { return Round(); });
  }
  ~RelayThread() { loop_.End(); }
  void Stop() { loop_.Stop(); }
  absl::Status Live() const { return loop_.Live(); }

 private:
  absl::Duration Round() {
    const absl::StatusOr<bool> stepped = relay_->Step();
    if (!stepped.ok()) {
      log::Warn("relay_waits", log::Context(context_),
                log::Code(absl::StatusCodeToString(stepped.status().code())));
      return pause_.Next();
    }
    pause_.Reset();
    if (*stepped) return absl::ZeroDuration();
    relay_->NotifyWhenMore([this] { loop_.Wake(); });
    return kIdle;
  }

  const std::string context_;
  Loop loop_;
  Pause pause_;
  std::optional<ContextRelay> relay_;  // ends before the loop that it wakes
  std::unique_ptr<metrics::Registry::Callback> lag_;
};

struct InboundOptions {
  DeskOptions desk;
  journal::TopicReceiverOptions receiver;
  std::function<rpc::Client()> open_client;
};

// Where a record must wait, its receiver is thrown away: the next one begins with that record, and
// meanwhile the group knows of nobody who holds it.
class InboundThread {
 public:
  explicit InboundThread(InboundOptions options)
      : tenant_(options.desk.tenant),
        receiver_options_(std::move(options.receiver)),
        client_(options.open_client()) {
    options.desk.ask = [this](const InboundCommand& command) { return Ask(command); };
    options.desk.go_on = [this] { return loop_.GoOn(); };
    desk_.emplace(std::move(options.desk));
    loop_.Begin("in-" + tenant_, [this] { return Round(); });
  }
  ~InboundThread() { loop_.End(); }
  void Stop() { loop_.Stop(); }
  absl::Status Live() const { return loop_.Live(); }

 private:
  absl::Duration Round() {
    const absl::Status done = TakeOne();
    if (done.ok()) {
      pause_.Reset();
      return absl::ZeroDuration();
    }
    log::Warn("inbound_waits", log::Tenant(tenant_),
              log::Code(absl::StatusCodeToString(done.code())), log::Reason(ReasonOf(done)));
    later_.Increment();
    receiver_.reset();
    return pause_.Next();
  }

  absl::Status TakeOne() {
    if (receiver_ == nullptr) {
      ASSIGN_OR_RETURN(receiver_, journal::OpenTopicReceiver(receiver_options_));
    }
    ASSIGN_OR_RETURN(const std::optional<journal::ReceivedRecord> received,
                     receiver_->Receive(kIdle));
    if (!received) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Handled handled, desk_->Handle(*received));
    (handled == Handled::kAccepted ? accepted_ : dead_letters_).Increment();
    return receiver_->Acknowledge(*received);
  }

  absl::Status Ask(const InboundCommand& command) {
    rpc::CallOptions options;
    options.timeout = kAnswerPatience;
    options.idempotency_key = command.key;
    options.traceparent = command.traceparent;
    type::v1::Receipt receipt;
    return client_.Call(
        absl::StrCat("/", command.method->service()->full_name(), "/", command.method->name()),
        *command.request, receipt, std::move(options));
  }

  const std::string tenant_;
  const journal::TopicReceiverOptions receiver_options_;
  const metrics::Counter accepted_ =
      metrics::Process().GetCounter(metrics::kInboundRecords, {"accepted"});
  const metrics::Counter dead_letters_ =
      metrics::Process().GetCounter(metrics::kInboundRecords, {"dead_letter"});
  const metrics::Counter later_ =
      metrics::Process().GetCounter(metrics::kInboundRecords, {"later"});
  Loop loop_;
  Pause pause_;
  rpc::Client client_;
  std::optional<InboundDesk> desk_;
  std::unique_ptr<journal::TopicReceiver> receiver_;
};

class Delivery final : public app::Worker {
 public:
  ~Delivery() override {
    // All at once: what one waits for, the others need not wait for as well.
    for (const auto& relay : relays_) relay->Stop();
    for (const auto& desk : inbound_) desk->Stop();
  }

  absl::Status Open(const app::WorkPlace& place) {
    if (!place.config.has_kafka()) {
      return absl::FailedPreconditionError(
          "kafka: topics are Kafka's, so the delivery needs a broker; name it by kafka.bootstrap");
    }
    RETURN_IF_ERROR(
        journal::RequireTopics(place.config.kafka().bootstrap(), TopicsOf(place), kTopicPatience));
    RETURN_IF_ERROR(OpenRelays(place));
    return OpenInbound(place);
  }

  // What waits for a broker goes on by itself; its lag is what alerts.
  absl::Status Ready() const override { return absl::OkStatus(); }
  absl::Status Live() const override {
    for (const auto& relay : relays_) RETURN_IF_ERROR(relay->Live());
    for (const auto& desk : inbound_) RETURN_IF_ERROR(desk->Live());
    return absl::OkStatus();
  }

 private:
  static std::vector<std::string> TopicsOf(const app::WorkPlace& place) {
    std::vector<std::string> topics = {place.config.delivery().relay().positions_topic()};
    for (const std::string& tenant : place.tenants) {
      for (const Published& published : kContexts) {
        topics.push_back(PublicTopic(tenant, published.context));
      }
    }
    for (const config::v1::InboundClient& client : place.config.delivery().inbound()) {
      topics.push_back(InboundTopic(client.tenant()));
      topics.push_back(DeadLetterTopic(client.tenant()));
    }
    return topics;
  }

  static std::function<absl::StatusOr<std::unique_ptr<journal::TopicSender>>()> SenderOf(
      const app::WorkPlace& place) {
    return [bootstrap = place.config.kafka().bootstrap()] {
      journal::TopicSenderOptions options;
      options.bootstrap = bootstrap;
      return journal::OpenTopicSender(options);
    };
  }

  absl::Status OpenRelays(const app::WorkPlace& place) {
    const config::v1::Instance& instance = place.config.instance();
    const config::v1::Relay& relay = place.config.delivery().relay();
    const std::string cursors = place.folder + "/relay";
    RETURN_IF_ERROR(archive::MakeFolder(cursors));
    for (const Published& published : kContexts) {
      RelayOptions options;
      options.context = published.context;
      ASSIGN_OR_RETURN(const std::uint32_t partitions, place.journal.Partitions(published.context));
      for (std::uint32_t p = instance.ordinal(); p < partitions; p += instance.replicas()) {
        options.partitions.push_back(p);
      }
      options.tenants = {place.tenants.begin(), place.tenants.end()};
      options.format = relay.format();
      options.positions_topic = relay.positions_topic();
      options.cursors = cursors;
      options.journal = &place.journal;
      options.clock = &SystemClock();
      options.read_positions = [bootstrap = place.config.kafka().bootstrap(),
                                topic = relay.positions_topic()] {
        return journal::ReadCompactedTopic(bootstrap, topic, kTopicPatience);
      };
      options.open_sender = SenderOf(place);
      relays_.push_back(std::make_unique<RelayThread>(std::move(options)));
    }
    return absl::OkStatus();
  }

  absl::Status OpenInbound(const app::WorkPlace& place) {
    std::vector<std::string> services;
    for (const Published& published : kContexts) services.emplace_back(published.service);
    ASSIGN_OR_RETURN(catalogue_, CommandCatalogue::Of(services));
    std::set<std::string> seen;
    for (const config::v1::InboundClient& client : place.config.delivery().inbound()) {
      if (!seen.insert(client.tenant()).second) {
        return absl::FailedPreconditionError(absl::StrCat(
            "delivery.inbound: the tenant ", client.tenant(), " stands twice; give it one client"));
      }
      ASSIGN_OR_RETURN(InboundOptions options, OptionsOf(client, place));
      inbound_.push_back(std::make_unique<InboundThread>(std::move(options)));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<InboundOptions> OptionsOf(const config::v1::InboundClient& client,
                                           const app::WorkPlace& place) const {
    if (std::ranges::find(place.tenants, client.tenant()) == place.tenants.end()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "delivery.inbound: there is no tenant ", client.tenant(), "; name one of the directory"));
    }
    InboundOptions options;
    options.desk.tenant = client.tenant();
    options.desk.catalogue = &catalogue_;
    for (const std::string& name : client.methods()) {
      const pb::MethodDescriptor* method = catalogue_.Find(name);
      if (method == nullptr) {
        return absl::FailedPreconditionError(
            absl::StrCat("delivery.inbound: tenant ", client.tenant(), ": ", name,
                         " is no command; name one such as "
                         "holdfast.initiative.v1.InitiativeService.CreateSite"));
      }
      options.desk.granted.insert(method);
    }
    options.desk.open_sender = SenderOf(place);
    options.receiver.bootstrap = place.config.kafka().bootstrap();
    options.receiver.topic = InboundTopic(client.tenant());
    options.receiver.group = absl::StrCat("holdfast.delivery.", client.tenant());
    options.receiver.member = absl::StrCat("delivery-", place.config.instance().ordinal());
    options.open_client = [client_of = place.client_of, tenant = client.tenant(),
                           subject = client.subject()] { return client_of(tenant, subject); };
    return options;
  }

  CommandCatalogue catalogue_;
  std::vector<std::unique_ptr<RelayThread>> relays_;
  std::vector<std::unique_ptr<InboundThread>> inbound_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<app::Worker>> StartDelivery(const app::WorkPlace& place) {
  auto delivery = std::make_unique<Delivery>();
  RETURN_IF_ERROR(delivery->Open(place));
  return std::unique_ptr<app::Worker>(std::move(delivery));
}

}  // namespace holdfast::delivery
