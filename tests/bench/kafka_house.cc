#include "kafka_house.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "journal/kafka_journal.h"
#include "open_loop.h"
#include "testing/kafka_broker.h"

namespace holdfast::bench {
namespace {

// As a process of the deployment has it.
constexpr absl::Duration kReaderLag = absl::Seconds(15);
constexpr std::size_t kCopiedAtOnce = 10'000;

}  // namespace

KafkaHouse::KafkaHouse(std::unique_ptr<testing::KafkaBroker> broker) : broker_(std::move(broker)) {}
KafkaHouse::~KafkaHouse() = default;

absl::StatusOr<std::unique_ptr<KafkaHouse>> KafkaHouse::Open(int nodes) {
  ASSIGN_OR_RETURN(std::unique_ptr<testing::KafkaBroker> broker,
                   testing::KafkaBroker::Start(nodes));
  return std::unique_ptr<KafkaHouse>(new KafkaHouse(std::move(broker)));
}

const std::string& KafkaHouse::bootstrap() const {
  return broker_->bootstrap();
}

std::string KafkaHouse::durability() const {
  return absl::StrCat("acks=all, ", broker_->nodes() == 1 ? "one copy" : "three copies",
                      ", page cache");
}

absl::StatusOr<std::string> KafkaHouse::NewPrefix() {
  std::string prefix = absl::StrCat("bench", ++prefixes_, ".");
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::KafkaJournal> journal, OpenJournal(prefix));
  RETURN_IF_ERROR(journal->CreateContext(kContext, 1));
  return prefix;
}

std::string KafkaHouse::TopicOf(const std::string& prefix) {
  return prefix + kContext;
}

absl::StatusOr<std::unique_ptr<journal::KafkaJournal>> KafkaHouse::OpenJournal(
    const std::string& prefix) {
  journal::KafkaJournalOptions options;
  options.bootstrap = bootstrap();
  options.partitions = 1;
  options.replication = static_cast<std::uint32_t>(broker_->nodes());
  options.topic_prefix = prefix;
  return journal::KafkaJournal::Open(options);
}

absl::StatusOr<std::unique_ptr<Engine>> KafkaHouse::OpenEngine(const std::string& prefix,
                                                               const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<journal::KafkaJournal> journal, OpenJournal(prefix));
  return Engine::OpenAbove(std::move(journal), folder, kReaderLag);
}

absl::Status WithBroker(Bench& bench, int nodes, const Row& row,
                        const std::function<absl::Status(KafkaHouse&)>& scenario) {
  Say(absl::StrCat("starting ", nodes, nodes == 1 ? " broker" : " brokers"));
  absl::StatusOr<std::unique_ptr<KafkaHouse>> house = KafkaHouse::Open(nodes);
  if (absl::IsUnavailable(house.status())) {
    bench.Skip(row, "there is no broker here: it needs Java 17 and Maven");
    return absl::OkStatus();
  }
  if (!house.ok()) return house.status();
  return scenario(**house);
}

RawLoad::RawLoad(std::unique_ptr<RawProducer> producer, std::vector<std::string> records)
    : producer_(std::move(producer)), records_(std::move(records)) {}

void RawLoad::Send(absl::AnyInvocable<void(absl::Status)> done) {
  const absl::MutexLock lock(&mutex_);
  producer_->Produce(records_[next_++ % records_.size()], std::move(done));
}

absl::StatusOr<LoopResult> RawLoad::Load(std::size_t in_flight, absl::Duration duration) {
  return ClosedLoop::Run(in_flight, duration,
                         [this](std::size_t, ClosedLoop::Done done) { Send(std::move(done)); });
}

absl::StatusOr<Histogram> RawLoad::Steadily(double per_second, absl::Duration duration) {
  return OpenLoop::Run(per_second, duration,
                       [this](std::uint64_t, OpenLoop::Done done) { Send(std::move(done)); });
}

absl::Status CopyRecords(RawProducer& producer, const std::vector<std::string>& records,
                         std::size_t from, std::size_t count) {
  absl::Mutex mutex;
  std::size_t under_way = 0;
  absl::Status failed;
  const auto room = [&] { return under_way < kCopiedAtOnce; };
  const auto none = [&] { return under_way == 0; };
  for (std::size_t i = from; i < from + count; ++i) {
    {
      const absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&room));
      if (!failed.ok()) break;
      ++under_way;
    }
    producer.Produce(records[i], [&](const absl::Status& status) {
      const absl::MutexLock lock(&mutex);
      failed.Update(status);
      --under_way;
    });
  }
  const absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&none));
  return failed;
}

}  // namespace holdfast::bench
