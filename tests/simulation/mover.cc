#include "mover.h"

#include <utility>

namespace holdfast::simulation {
namespace {

constexpr absl::Duration kBetweenMoves = absl::Seconds(12);
constexpr absl::Duration kBetweenSteps = absl::Milliseconds(300);
constexpr absl::Duration kPatience = absl::Seconds(4);

}  // namespace

Mover::Mover(Parts parts) : parts_(std::move(parts)), executor_(parts_.time->NewExecutor()) {
  executor_->PostAfter(Within(kBetweenMoves), [this] { Begin(); });
}

absl::Duration Mover::Within(absl::Duration most) {
  return absl::Nanoseconds(static_cast<std::int64_t>(
      parts_.random->Below(static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(most)))));
}

Node* Mover::OwnerOf(std::uint32_t partition) const {
  for (const auto& node : *parts_.nodes) {
    if (node->Serves({kShed, partition}) && !node->paused()) return node.get();
  }
  return nullptr;
}

void Mover::Begin() {
  if (leaving_) return;
  tenant_ = parts_.random->Below(2) == 0 ? "westmoor" : "otherham";
  to_ = static_cast<std::uint32_t>(parts_.random->Below(kShedPartitions));
  moving_ = true;
  close_ = false;
  Next();
}

// Whoever waits for an answer in vain asks again, sometimes from the start.
void Mover::Next() {
  const std::uint64_t round = ++round_;
  if (parts_.random->Below(4) == 0) receiver_.reset();
  executor_->PostAfter(kPatience, [this, round] {
    if (round != round_) return;
    receiver_.reset();
    Next();
  });
  const std::uint32_t source = 1 - to_;
  Node* const node = OwnerOf(close_ ? source : to_);
  if (node == nullptr) return;
  if (close_) {
    close_ = false;
    return Close(*node, source);
  }
  Receive(*node);
}

absl::AnyInvocable<void(absl::Status)> Mover::WhenDone() {
  return [this, round = round_](const absl::Status& status) {
    executor_->Post([this, round, status] {
      if (round == round_) Ended(status);
    });
  };
}

void Mover::Receive(Node& target) {
  target.Run([this, &target, round = round_] {
    if (round != round_ || !target.Serves({kShed, to_})) return;
    if (receiver_ == nullptr) {
      auto opened = eventsourcing::TenantReceiver::Open(*parts_.journal(), {kShed, to_}, tenant_,
                                                        parts_.protocol);
      if (!opened.ok()) return;
      receiver_ = *std::move(opened);
    }
    const auto step = receiver_->Next(target.actors().at({kShed, to_})->StandingOf(tenant_));
    if (!step.ok()) {
      receiver_.reset();
      return WhenDone()(step.status());
    }
    Do(target, *step);
  });
}

void Mover::Do(Node& target, const Step& step) {
  if (step.kind == Step::Kind::kIsOpen) {
    moving_ = false;
    receiver_.reset();
    ++round_;
    executor_->PostAfter(Within(kBetweenMoves), [this] { Begin(); });
    return;
  }
  close_ = step.kind == Step::Kind::kCaughtUp;
  eventsourcing::TenantReceiver::Do(step, tenant_, *target.actors().at({kShed, to_}), WhenDone());
}

void Mover::Close(Node& source, std::uint32_t partition) {
  source.Run([this, &source, partition, round = round_] {
    if (round != round_ || !source.Serves({kShed, partition})) return;
    source.actors().at({kShed, partition})->CloseTenant(tenant_, to_, WhenDone());
  });
}

void Mover::Ended(const absl::Status&) {
  Again(kBetweenSteps);
}

void Mover::Again(absl::Duration within) {
  const std::uint64_t round = ++round_;
  executor_->PostAfter(Within(within), [this, round] {
    if (round == round_) Next();
  });
}

}  // namespace holdfast::simulation
