#include "batched_enrolments.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include "google/rpc/error.pb.h"
#include "holdfast/testing/v1/shed.pb.h"
#include "holdfast/type/v1/batch.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/uuid.h"
#include "shed_platform.h"
#include "zipf.h"

namespace holdfast::bench {
namespace {

using type::v1::CommandBatch;
using type::v1::CommandResults;

constexpr std::size_t kStreams = 10'000;
constexpr std::size_t kDraws = 1U << 16U;                           // then the same again
constexpr int kAhead = static_cast<int>(kMessages / kConnections);  // messages of one stream

absl::Status Check(const CommandResults& results) {
  if (results.results_size() != kItems) return absl::DataLossError("a batch lacks answers");
  for (const CommandResults::Result& result : results.results()) {
    if (!result.has_receipt()) {
      return absl::UnavailableError(
          absl::StrCat("an item of a batch: ", result.status().message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

BatchMaker::BatchMaker(Members members) : run_(ToString(NewUuidV4(SystemRandom())).substr(0, 8)) {
  if (members == Members::kNew) return;
  const Zipf popularity(kStreams);
  SeededRandom random(20'261'123);
  by_zipf_.reserve(kDraws);
  while (by_zipf_.size() < kDraws) by_zipf_.push_back(popularity.Next(random));
}

void BatchMaker::Fill(CommandBatch& batch, std::uint64_t number) const {
  testing::v1::EnrolMember enrol;
  while (batch.items_size() < kItems) {
    batch.add_items()->mutable_command()->set_type_url(
        absl::StrCat("type.googleapis.com/", enrol.GetDescriptor()->full_name()));
  }
  for (int i = 0; i < kItems; ++i) {
    const std::uint64_t command = number * kItems + static_cast<std::uint64_t>(i);
    CommandBatch::Item& item = *batch.mutable_items(i);
    item.set_command_id(absl::StrCat(run_, "-", command));
    enrol.set_member_id(by_zipf_.empty() ? item.command_id()
                                         : absl::StrCat("z-", by_zipf_[command % kDraws]));
    enrol.set_limit(static_cast<std::uint32_t>(command) + 1);
    enrol.SerializeToString(item.mutable_command()->mutable_value());
  }
}

BatchedEnrolments::BatchedEnrolments(const std::string& address, std::string token, Members members)
    : maker_(members),
      load_(
          address, std::move(token), kExecuteBatch, kMessages, CommandBatch::default_instance(),
          CommandResults::default_instance(),
          [this](google::protobuf::Message& request, std::uint64_t number) {
            maker_.Fill(static_cast<CommandBatch&>(request), number);
          },
          [](const google::protobuf::Message& answer) {
            return Check(static_cast<const CommandResults&>(answer));
          }) {}

absl::StatusOr<LoopResult> BatchedEnrolments::Run(absl::Duration duration) {
  ASSIGN_OR_RETURN(
      LoopResult result,
      ClosedLoop::Run(kMessages, duration, [this](std::size_t slot, ClosedLoop::Done done) {
        load_.Start(slot, std::move(done));
      }));
  result.answered *= kItems;
  return result;
}

StreamedEnrolments::StreamedEnrolments(const std::string& address, const std::string& token,
                                       Members members)
    : maker_(members) {
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients_.emplace_back(NewConnection(address), [token] { return token; });
  }
}

absl::StatusOr<std::uint64_t> StreamedEnrolments::Converse(rpc::Client& client, absl::Time until) {
  rpc::CallOptions options;
  options.timeout = absl::Minutes(10);
  const std::unique_ptr<rpc::Exchange> stream = client.OpenExchange(kExecuteStream, options);
  CommandBatch batch;
  CommandResults results;
  const auto write = [&] {
    maker_.Fill(batch, next_++);
    return stream->Write(batch);
  };
  int unanswered = 0;
  while (unanswered < kAhead && write()) ++unanswered;
  std::uint64_t answered = 0;
  while (unanswered > 0) {
    ASSIGN_OR_RETURN(const bool more, stream->Read(results));
    if (!more) break;  // Finish says why
    --unanswered;
    RETURN_IF_ERROR(Check(results));
    answered += kItems;
    if (absl::Now() < until && write()) ++unanswered;
  }
  stream->WritesDone();
  ASSIGN_OR_RETURN(const bool more, stream->Read(results));
  if (more) return absl::DataLossError("a stream answers more than it was asked");
  RETURN_IF_ERROR(stream->Finish());
  return answered;
}

absl::StatusOr<LoopResult> StreamedEnrolments::Run(absl::Duration duration) {
  const absl::Duration processor = ProcessorTime();
  const absl::Time began = absl::Now();
  std::vector<absl::StatusOr<std::uint64_t>> answered(clients_.size(), 0U);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      threads.emplace_back([&, i] { answered[i] = Converse(clients_[i], began + duration); });
    }
  }
  LoopResult result;
  result.took = absl::Now() - began;
  result.cores = absl::FDivDuration(ProcessorTime() - processor, result.took);
  for (const absl::StatusOr<std::uint64_t>& of_stream : answered) {
    RETURN_IF_ERROR(of_stream.status());
    result.answered += *of_stream;
  }
  return result;
}

}  // namespace holdfast::bench
