#include "journal/kafka_journal.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/config/v1/kafka.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "journal/kafka_bell.h"
#include "journal/kafka_client.h"
#include "journal/kafka_consumer.h"
#include "journal/kafka_partition_log.h"
#include "journal/kafka_reader.h"
#include "journal/kafka_topics.h"
#include "journal/kafka_undertaker.h"
#include "journal/kafka_writer.h"
#include "observability/metrics.h"

namespace holdfast::journal {
namespace {

// No context's name.
constexpr char kFilling[] = "FILLING";

bool IsContextName(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

kafka::ProducerOptions ProducerOptionsOf(const KafkaJournalOptions& options) {
  return {options.bootstrap, options.linger, options.message_timeout, options.queue_records};
}

kafka::ConsumerOptions ConsumerOptionsOf(const KafkaJournalOptions& options) {
  return {options.bootstrap, options.fetch_wait};
}

absl::StatusOr<kafka::Client> OpenAdmin(const KafkaJournalOptions& options) {
  ASSIGN_OR_RETURN(kafka::Configuration configuration, kafka::Configure(options.bootstrap, {}));
  return kafka::Open(RD_KAFKA_PRODUCER, std::move(configuration));
}

}  // namespace

KafkaJournalOptions KafkaJournalOptionsOf(const config::v1::KafkaJournal& config) {
  KafkaJournalOptions options;
  options.bootstrap = config.bootstrap();
  if (config.partitions() != 0) options.partitions = config.partitions();
  if (config.replication() != 0) options.replication = config.replication();
  if (!config.topic_prefix().empty()) options.topic_prefix = config.topic_prefix();
  options.linger = absl::Milliseconds(config.linger_ms());
  if (config.message_timeout_ms() != 0)
    options.message_timeout = absl::Milliseconds(config.message_timeout_ms());
  if (config.read_timeout_ms() != 0)
    options.read_timeout = absl::Milliseconds(config.read_timeout_ms());
  return options;
}

struct KafkaJournal::State {
  State(KafkaJournalOptions given, kafka::Client client)
      : options(std::move(given)),
        admin(std::move(client)),
        bell(ConsumerOptionsOf(options), options.watch_interval, undertaker) {}
  ~State() {
    undertaker.Bury([client = std::move(admin)] {});
  }

  struct Partition {
    std::shared_ptr<kafka::PartitionLog> log;
    std::unique_ptr<metrics::Registry::Callback> end_metric;
  };
  using Partitions = std::vector<Partition>;

  // What to do where no broker answers.
  absl::Status WithWayOut(const absl::Status& status) const;
  std::string TopicOf(const std::string& context) const { return options.topic_prefix + context; }
  absl::Status CheckFilled() const;
  Partitions PartitionsOf(const std::string& context, std::uint32_t count) const;
  absl::StatusOr<std::uint32_t> Load(const std::string& context);
  absl::StatusOr<std::uint32_t> Check(const std::string& context, std::uint32_t partitions) const;
  absl::Status CheckNew(const std::string& context, std::uint32_t partitions) const;
  absl::StatusOr<std::shared_ptr<kafka::PartitionLog>> Find(const PartitionId& partition);

  const KafkaJournalOptions options;
  kafka::Undertaker undertaker;
  kafka::Client admin;
  kafka::Bell bell;

  absl::Mutex mutex;
  std::map<std::string, Partitions> contexts ABSL_GUARDED_BY(mutex);
};

absl::Status KafkaJournal::State::WithWayOut(const absl::Status& status) const {
  if (!absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(absl::StrCat(status.message(),
                                             "; see that a broker of `bootstrap` (",
                                             options.bootstrap, ") runs and can be reached"));
}

KafkaJournal::State::Partitions KafkaJournal::State::PartitionsOf(const std::string& context,
                                                                  std::uint32_t count) const {
  Partitions made;
  for (std::uint32_t p = 0; p < count; ++p) {
    Partition& partition = made.emplace_back();
    partition.log = std::make_shared<kafka::PartitionLog>(
        PartitionId{context, p}, TopicOf(context),
        metrics::Process().GetHistogram(metrics::kAppendSeconds, {context}));
    partition.end_metric = metrics::Process().Read(
        metrics::kJournalEndOffset, {context, std::to_string(p)},
        [log = partition.log] { return static_cast<double>(log->known_end()); });
  }
  return made;
}

// The number of partitions; asks the broker at the first use of the context.
absl::StatusOr<std::uint32_t> KafkaJournal::State::Load(const std::string& context) {
  {
    const absl::MutexLock lock(&mutex);
    if (const auto found = contexts.find(context); found != contexts.end())
      return static_cast<std::uint32_t>(found->second.size());
  }
  RETURN_IF_ERROR(WithWayOut(CheckFilled()));
  const absl::StatusOr<std::uint32_t> partitions = Check(context, options.partitions);
  if (absl::IsNotFound(partitions.status())) {
    return absl::NotFoundError(
        absl::StrCat("the journal has no context ", context, ": topic ", TopicOf(context),
                     " is not on the broker: make it as deploy/kafka/topics.json says"));
  }
  RETURN_IF_ERROR(WithWayOut(partitions.status()));
  const absl::MutexLock lock(&mutex);
  // Somebody else may have been quicker; what others hold already stays.
  if (!contexts.contains(context)) contexts.emplace(context, PartitionsOf(context, *partitions));
  return *partitions;
}

absl::Status KafkaJournal::State::CheckFilled() const {
  if (options.fills || !options.compare_settings) return absl::OkStatus();
  const std::string topic = TopicOf(kFilling);
  const absl::Status found =
      kafka::DescribeTopic(admin.get(), topic, options.admin_timeout).status();
  if (absl::IsNotFound(found)) return absl::OkStatus();
  RETURN_IF_ERROR(found);
  return absl::FailedPreconditionError(
      absl::StrCat("the topics ", options.topic_prefix,
                   "* hold a part of a restore or a migration that did not "
                   "end (topic ",
                   topic,
                   "): give that command again, and start when it has ended. To begin "
                   "anew, delete them all, that one last"));
}

// How many partitions the context's topic has, where it is as the journal needs it.
absl::StatusOr<std::uint32_t> KafkaJournal::State::Check(const std::string& context,
                                                         std::uint32_t partitions) const {
  const std::string topic = TopicOf(context);
  ASSIGN_OR_RETURN(const kafka::TopicShape shape,
                   kafka::DescribeTopic(admin.get(), topic, options.admin_timeout));
  RETURN_IF_ERROR(kafka::CompareTopic(topic, shape, {partitions, options.replication}));
  if (!options.compare_settings) return shape.partitions;
  ASSIGN_OR_RETURN(const kafka::Settings settings,
                   kafka::SettingsOf(admin.get(), topic, options.admin_timeout));
  RETURN_IF_ERROR(kafka::CompareSettings(topic, settings, options.replication));
  return shape.partitions;
}

// The brokers learn of a new topic one after the other, and any may be asked.
absl::Status KafkaJournal::State::CheckNew(const std::string& context,
                                           std::uint32_t partitions) const {
  const absl::Duration until = SystemClock().SinceBoot() + options.admin_timeout;
  while (true) {
    absl::Status checked = Check(context, partitions).status();
    const bool later = absl::IsNotFound(checked) || absl::IsUnavailable(checked);
    if (!later || SystemClock().SinceBoot() >= until) return WithWayOut(checked);
    absl::SleepFor(absl::Milliseconds(20));
  }
}

absl::StatusOr<std::shared_ptr<kafka::PartitionLog>> KafkaJournal::State::Find(
    const PartitionId& partition) {
  ASSIGN_OR_RETURN(const std::uint32_t partitions, Load(partition.context));
  if (partition.partition >= partitions) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no partition ", partition.context, "/", partition.partition));
  }
  const absl::MutexLock lock(&mutex);
  return contexts.at(partition.context)[partition.partition].log;
}

KafkaJournal::KafkaJournal(std::unique_ptr<State> state) : state_(std::move(state)) {}
KafkaJournal::~KafkaJournal() = default;

absl::StatusOr<std::unique_ptr<KafkaJournal>> KafkaJournal::Open(
    const KafkaJournalOptions& options) {
  if (options.bootstrap.empty()) {
    return absl::InvalidArgumentError(
        "open journal: bootstrap names no broker: give host:port, several by commas");
  }
  absl::StatusOr<kafka::Client> admin = OpenAdmin(options);
  if (!admin.ok()) return WithContext(admin.status(), "open journal");
  return std::unique_ptr<KafkaJournal>(
      new KafkaJournal(std::make_unique<State>(options, *std::move(admin))));
}

absl::Status KafkaJournal::CreateContext(const std::string& context, std::uint32_t partitions) {
  if (!IsContextName(context) || partitions == 0) {
    return absl::InvalidArgumentError(
        "a context is named [a-z][a-z0-9-]{0,39} and has at least one partition");
  }
  State& state = *state_;
  const std::string topic = state.TopicOf(context);
  const absl::Status made = kafka::CreateTopic(
      state.admin.get(), topic, {partitions, state.options.replication},
      kafka::JournalTopicSettings(state.options.replication), state.options.admin_timeout);
  if (!made.ok() && !absl::IsAlreadyExists(made)) return state.WithWayOut(made);
  return state.CheckNew(context, partitions);
}

absl::Status KafkaJournal::BeginFilling() {
  State& state = *state_;
  const absl::Status made = kafka::CreateTopic(
      state.admin.get(), state.TopicOf(kFilling), {1, state.options.replication},
      kafka::JournalTopicSettings(state.options.replication), state.options.admin_timeout);
  return absl::IsAlreadyExists(made) ? absl::OkStatus() : state.WithWayOut(made);
}

absl::Status KafkaJournal::EndFilling() {
  const State& state = *state_;
  const absl::Duration limit = state.options.admin_timeout;
  const std::string topic = state.TopicOf(kFilling);
  const absl::Status gone = kafka::DeleteTopic(state.admin.get(), topic, limit);
  if (!gone.ok() && !absl::IsNotFound(gone)) return state.WithWayOut(gone);
  // Brokers hear of it one after the other, too.
  const absl::Duration until = SystemClock().SinceBoot() + limit;
  while (true) {
    const absl::Status found = kafka::DescribeTopic(state.admin.get(), topic, limit).status();
    if (absl::IsNotFound(found)) return absl::OkStatus();
    if (SystemClock().SinceBoot() >= until) {
      return absl::UnavailableError(absl::StrCat("everything is there, but topic ", topic,
                                                 " could not be deleted: delete it"));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
}

absl::StatusOr<std::vector<std::string>> KafkaJournal::Contexts() {
  const KafkaJournalOptions& options = state_->options;
  const auto topics = kafka::ListTopics(state_->admin.get(), options.admin_timeout);
  if (!topics.ok()) return state_->WithWayOut(topics.status());
  std::vector<std::string> contexts;
  for (const std::string_view topic : *topics) {
    if (!topic.starts_with(options.topic_prefix)) continue;
    const std::string_view name = topic.substr(options.topic_prefix.size());
    if (IsContextName(name)) contexts.emplace_back(name);
  }
  std::ranges::sort(contexts);
  return contexts;
}

absl::StatusOr<std::uint32_t> KafkaJournal::Partitions(const std::string& context) {
  return state_->Load(context);
}

absl::StatusOr<std::unique_ptr<Writer>> KafkaJournal::OpenWriter(const PartitionId& partition) {
  ASSIGN_OR_RETURN(auto log, state_->Find(partition));
  return kafka::OpenKafkaWriter(ProducerOptionsOf(state_->options), std::move(log),
                                state_->undertaker);
}

absl::StatusOr<std::unique_ptr<Reader>> KafkaJournal::OpenReader(const PartitionId& partition,
                                                                 Offset from) {
  ASSIGN_OR_RETURN(auto log, state_->Find(partition));
  const KafkaJournalOptions& options = state_->options;
  return kafka::OpenKafkaReader(
      {ConsumerOptionsOf(options), options.read_timeout, options.end_settles}, std::move(log), from,
      state_->bell, state_->undertaker);
}

absl::Status KafkaJournal::Health() const {
  return absl::OkStatus();
}

absl::Status KafkaJournal::PartitionHealth(const PartitionId& partition) const {
  const absl::MutexLock lock(&state_->mutex);
  const auto found = state_->contexts.find(partition.context);
  if (found == state_->contexts.end() || partition.partition >= found->second.size())
    return absl::OkStatus();
  return found->second[partition.partition].log->damage();
}

}  // namespace holdfast::journal
