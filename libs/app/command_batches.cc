#include "app/command_batches.h"

#include <atomic>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "app/call_context.h"
#include "app/router.h"
#include "eventsourcing/command.h"
#include "rpc/call.h"
#include "rpc/method_plan.h"

namespace holdfast::app {
namespace {

using type::v1::CommandBatch;
using type::v1::CommandResults;

// One message more may be taken while so many items wait: together fewer than a tenant may have in
// the house at once (actor.max_queue_per_tenant), so that a stream does not fill the queue by
// itself.
constexpr int kUnansweredItems = 256;

}  // namespace

// A batch on its way; lives until its last answer.
class CommandBatches::Running : public std::enable_shared_from_this<Running> {
 public:
  Running(const rpc::BatchDoor& door, const rpc::Admitted& call, const rpc::MethodPlan& method,
          int items, Done done)
      : door_(door),
        call_(call),
        methods_(static_cast<std::size_t>(items), &method),
        done_(std::move(done)),
        left_(items + 1) {
    results_->mutable_results()->Reserve(items);
    for (int i = 0; i < items; ++i) results_->add_results();
  }

  void Begin(const CommandBatch& batch, const ContextCommands& context) {
    struct Prepared {
      int index;
      eventsourcing::CommandRequest request;
    };
    std::vector<Prepared> prepared;
    prepared.reserve(static_cast<std::size_t>(batch.items_size()));
    for (int i = 0; i < batch.items_size(); ++i) {
      absl::StatusOr<eventsourcing::CommandRequest> request = Prepare(batch.items(i), i, context);
      if (request.ok()) {
        prepared.push_back({i, *std::move(request)});
      } else {
        Set(i, request.status());
      }
    }
    for (Prepared& one : prepared) {
      context.sink->Submit(std::move(one.request), [self = shared_from_this(), index = one.index](
                                                       eventsourcing::CommandAnswer answer) {
        self->Set(index, std::move(answer));
      });
    }
    Leave();
  }

 private:
  absl::StatusOr<eventsourcing::CommandRequest> Prepare(const CommandBatch::Item& item, int index,
                                                        const ContextCommands& context) {
    absl::StatusOr<rpc::BatchedCommand> batched = door_.Admit(call_, item, index);
    if (!batched.ok()) return batched.status();
    methods_[static_cast<std::size_t>(index)] = batched->method;
    absl::StatusOr<eventsourcing::CommandRequest> request =
        RequestOf(context, call_, batched->method->path, std::move(batched->command),
                  batched->admitted.command_id);
    if (!request.ok()) return request;
    request->deadline = batched->admitted.deadline;
    request->cost = batched->method->cost;
    if (item.has_expected_version()) request->expected_version = item.expected_version();
    return request;
  }

  // Each index once, from any thread: no two write the same result.
  void Set(int index, eventsourcing::CommandAnswer answer) {
    CommandResults::Result& result = *results_->mutable_results(index);
    if (answer.ok()) {
      *result.mutable_receipt() = *std::move(answer);
    } else {
      door_.Tell(call_, *methods_[static_cast<std::size_t>(index)], answer.status(), result);
    }
    Leave();
  }

  void Leave() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) std::move(done_)(std::move(results_));
  }

  const rpc::BatchDoor& door_;
  const rpc::Admitted& call_;
  std::vector<const rpc::MethodPlan*> methods_;  // of the batch, until an item's own is known
  Done done_;
  Results results_ = std::make_unique<CommandResults>();
  std::atomic<int> left_;  // items, and the submitting itself
};

// The messages of one stream that were taken and not answered, in order. Used by one thread.
class CommandBatches::Conversation {
 public:
  Conversation(const CommandBatches& batches, std::shared_ptr<rpc::StreamCall> call)
      : batches_(batches), call_(std::move(call)) {}

  void Run() {
    absl::Status ended = rpc::BatchDoor::CheckCall(call_->admitted());
    bool reading = ended.ok();
    while (reading || !taken_.empty()) {
      if (!WriteAnswered()) return call_->Finish(absl::CancelledError("the client is gone"));
      if (reading && unanswered_ < kUnansweredItems) {
        reading = Read(ended);
      } else if (!taken_.empty() && !taken_.front()->Await(call_->admitted().deadline)) {
        ended =
            absl::DeadlineExceededError("a batch was not answered before the stream's deadline");
        break;
      }
    }
    call_->Finish(ended);
  }

 private:
  // A message and, later, its results.
  class Taken {
   public:
    explicit Taken(int items) : items_(items) {}
    int items() const { return items_; }
    void Set(Results results) {
      const absl::MutexLock lock(&mutex_);
      results_ = std::move(results);
    }
    // False at the deadline.
    bool Await(absl::Time deadline) {
      const absl::MutexLock lock(&mutex_);
      const auto there = [this]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return results_ != nullptr; };
      return mutex_.AwaitWithDeadline(absl::Condition(&there), deadline);
    }
    // Null where they are not there yet.
    Results Take() {
      const absl::MutexLock lock(&mutex_);
      return std::move(results_);
    }

   private:
    const int items_;
    absl::Mutex mutex_;
    Results results_ ABSL_GUARDED_BY(mutex_);
  };

  // False where the client takes no more.
  bool WriteAnswered() {
    while (!taken_.empty()) {
      const Results results = taken_.front()->Take();
      if (results == nullptr) return true;
      if (!call_->Write(*results)) return false;
      unanswered_ -= taken_.front()->items();
      taken_.pop_front();
    }
    return true;
  }

  // False at the end of what the client sends, which `ended` then says.
  bool Read(absl::Status& ended) {
    using Arrival = rpc::StreamCall::Arrival;
    const absl::StatusOr<Arrival> arrival = call_->ReadOrWake(batch_);
    if (!arrival.ok()) {
      ended = arrival.status();
      return false;
    }
    if (*arrival == Arrival::kMessage) Take();
    return *arrival != Arrival::kEnd;
  }

  void Take() {
    auto taken = std::make_shared<Taken>(batch_.items_size());
    unanswered_ += taken->items();
    taken_.push_back(taken);
    batches_.Submit(call_->admitted(), call_->method(), batch_,
                    [taken, call = call_](Results results) {
                      taken->Set(std::move(results));
                      call->Wake();
                    });
  }

  const CommandBatches& batches_;
  const std::shared_ptr<rpc::StreamCall> call_;
  CommandBatch batch_;
  std::deque<std::shared_ptr<Taken>> taken_;
  int unanswered_ = 0;  // items
};

CommandBatches::CommandBatches(const ContextCommands& context, rpc::BatchDoor door)
    : context_(context), door_(std::move(door)) {}

void CommandBatches::Submit(const rpc::Admitted& call, const rpc::MethodPlan& method,
                            const CommandBatch& batch, Done done) const {
  std::make_shared<Running>(door_, call, method, batch.items_size(), std::move(done))
      ->Begin(batch, context_);
}

void CommandBatches::Answer(std::unique_ptr<rpc::UnaryCall> call) const {
  if (absl::Status refused = rpc::BatchDoor::CheckCall(call->admitted()); !refused.ok()) {
    return call->Fail(refused);
  }
  const std::shared_ptr<rpc::UnaryCall> shared =
      std::move(call);  // with the answers, on any thread
  Submit(shared->admitted(), shared->method(), static_cast<const CommandBatch&>(shared->request()),
         [shared](Results results) { shared->Answer(*results); });
}

void CommandBatches::Converse(std::shared_ptr<rpc::StreamCall> call) const {
  Conversation(*this, std::move(call)).Run();
}

}  // namespace holdfast::app
