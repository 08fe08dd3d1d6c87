#include "clients.h"

#include <algorithm>
#include <utility>

#include "base/timestamps.h"
#include "testing/tool_shed.h"

namespace holdfast::simulation {
namespace {

namespace v1 = testing::v1;

constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr std::size_t kNone = ~std::size_t{0};

bool ForGood(const eventsourcing::CommandAnswer& answer) {
  return !absl::IsUnavailable(answer.status()) && !absl::IsResourceExhausted(answer.status()) &&
         !absl::IsDeadlineExceeded(answer.status());
}

}  // namespace

Clients::Clients(Parts parts, int count)
    : parts_(std::move(parts)),
      executor_(parts_.time->NewExecutor()),
      left_(static_cast<std::size_t>(count), parts_.operations),
      trying_(static_cast<std::size_t>(count), kNone),
      busy_(count) {
  for (int client = 0; client < count; ++client) {
    After(absl::Milliseconds(static_cast<int>(parts_.random->Below(2'000))),
          [this, client] { Next(client); });
  }
}

void Clients::After(absl::Duration delay, std::function<void()> work) {
  executor_->PostAfter(delay, std::move(work));
}

absl::Duration Clients::Delay() {
  const absl::Duration most = parts_.network->loss > 0 && parts_.random->Below(50) == 0
                                  ? parts_.network->late
                                  : parts_.network->delay;
  return absl::Nanoseconds(static_cast<std::int64_t>(
      parts_.random->Below(static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(most)))));
}

bool Clients::Lost() {
  return parts_.random->Below(10'000) < static_cast<std::uint64_t>(parts_.network->loss * 10'000);
}

std::string Clients::Pick(std::initializer_list<const char*> from) {
  return *(from.begin() + static_cast<std::ptrdiff_t>(parts_.random->Below(from.size())));
}

// Few tools, labels and members, so that commands meet.
Operation Clients::AnyOperation() {
  Operation operation;
  operation.context = kShed;
  operation.tenant = Pick({"westmoor", "otherham"});
  operation.id = NewUuidV4(*parts_.random);
  const std::string tool = Pick({"drill", "saw", "spade", "spare"});
  const std::string member = Pick({"ann", "bob"});
  const auto take = [&operation](auto command) {
    operation.method = command.GetDescriptor()->name();
    operation.command = std::make_unique<decltype(command)>(std::move(command));
  };
  const std::uint64_t dice = parts_.random->Below(100);
  if (dice < 25) {
    v1::RegisterTool command;
    command.set_tool_id(tool);
    command.set_label(operation.tenant + "-" + Pick({"red", "blue", "green"}));
    take(std::move(command));
  } else if (dice < 40) {
    v1::EnrolMember command;
    command.set_member_id(member);
    command.set_limit(static_cast<std::uint32_t>(parts_.random->Below(3)));
    take(std::move(command));
  } else if (dice < 72) {
    v1::LendTool command;
    command.set_tool_id(tool);
    command.set_member_id(member);
    *command.mutable_due_at() = ToTimestamp(
        parts_.time->Now() + absl::Seconds(3 + static_cast<int>(parts_.random->Below(40))));
    take(std::move(command));
  } else if (dice < 95) {
    v1::ReturnTool command;
    command.set_tool_id(tool);
    take(std::move(command));
  } else if (dice < 97) {
    v1::SuspendMember command;
    command.set_member_id(member);
    take(std::move(command));
  } else {
    operation.context = kLedgers;
    v1::CloseLedger command;
    command.set_member_id(member);
    take(std::move(command));
  }
  if (parts_.random->Below(8) == 0) operation.expected_version = parts_.random->Below(3);
  return operation;
}

void Clients::Next(int client) {
  int& left = left_[static_cast<std::size_t>(client)];
  if (left == 0) {
    --busy_;
    return;
  }
  --left;
  parts_.history->operations.push_back(AnyOperation());
  Try(client, parts_.history->operations.size() - 1);
}

int Clients::ChooseNode(const Operation& what) {
  const auto& nodes = *parts_.nodes;
  if (parts_.random->Below(4) != 0) {
    for (const auto& node : nodes) {
      if (node->Decides(what.context, what.tenant) && !node->paused()) return node->number();
    }
  }
  return static_cast<int>(parts_.random->Below(nodes.size()));
}

void Clients::Try(int client, std::size_t operation) {
  const Operation& what = parts_.history->operations[operation];
  Attempt attempt;
  attempt.context = what.context;
  attempt.operation = operation;
  attempt.node = ChooseNode(what);
  attempt.invoked = parts_.time->Now();
  attempt.known_seq = told_[{what.context, what.tenant}];
  const std::size_t number = parts_.history->attempts.size();
  parts_.history->attempts.push_back(std::move(attempt));
  client_of_.push_back(client);
  trying_[static_cast<std::size_t>(client)] = number;
  if (!Lost()) After(Delay(), [this, number] { Deliver(number); });
  After(kPatience, [this, client, operation, number] {
    if (trying_[static_cast<std::size_t>(client)] != number) return;
    Operation& late = parts_.history->operations[operation];
    if (late.settled) return;
    if (parts_.network->loss > 0 && parts_.random->Below(30) == 0) {
      late.given_up = true;
      trying_[static_cast<std::size_t>(client)] = kNone;
      return Next(client);
    }
    Try(client, operation);
  });
}

void Clients::Deliver(std::size_t number) {
  const Attempt& attempt = parts_.history->attempts[number];
  const Operation& operation = parts_.history->operations[attempt.operation];
  eventsourcing::CommandSink* sink = (*parts_.nodes)[static_cast<std::size_t>(attempt.node)]->Find(
      operation.context, operation.tenant);
  if (sink == nullptr) return;  // down: the client waits in vain
  eventsourcing::CommandRequest request;
  request.tenant = operation.tenant;
  request.method = operation.method;
  request.command.reset(operation.command->New());
  request.command->CopyFrom(*operation.command);
  request.command_id = operation.id;
  request.expected_version = operation.expected_version;
  request.actor_ref = "someone";
  request.agency = "police";
  sink->Submit(std::move(request), [this, number](eventsourcing::CommandAnswer answer) {
    Return(number, std::move(answer));
  });
}

// An answer leaves a node.
void Clients::Return(std::size_t number, eventsourcing::CommandAnswer answer) {
  Attempt& attempt = parts_.history->attempts[number];
  const Operation& operation = parts_.history->operations[attempt.operation];
  attempt.seq_at_answer = parts_.accepted_seq({operation.context, operation.tenant});
  if (Lost()) return;
  After(Delay(), [this, number, answer = std::move(answer)] {
    Answered(client_of_[number], number, answer);
  });
}

void Clients::Answered(int client, std::size_t number, const eventsourcing::CommandAnswer& answer) {
  Attempt& attempt = parts_.history->attempts[number];
  attempt.answer = answer;
  Operation& operation = parts_.history->operations[attempt.operation];
  if (answer.ok()) {
    std::uint64_t& told = told_[{operation.context, operation.tenant}];
    told = std::max(told, answer->position().seq());
  }
  if (trying_[static_cast<std::size_t>(client)] != number || operation.settled) return;
  if (!ForGood(answer)) {  // the patience of this attempt ends with it
    const std::size_t again = attempt.operation;
    trying_[static_cast<std::size_t>(client)] = kNone;
    After(absl::Milliseconds(100 + static_cast<int>(parts_.random->Below(900))),
          [this, client, again] { Try(client, again); });
    return;
  }
  operation.settled = true;
  After(absl::Milliseconds(static_cast<int>(parts_.random->Below(300))),
        [this, client] { Next(client); });
}

}  // namespace holdfast::simulation
