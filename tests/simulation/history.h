// What clients did and were told: invoke, ok, fail, unknown.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/time/time.h"
#include "base/uuid.h"
#include "eventsourcing/command.h"
#include "journal/journal.h"
#include "shed_views.h"

namespace holdfast::simulation {

using TenantOf = std::pair<std::string, std::string>;  // context, tenant

// One try of one command.
struct Attempt {
  std::string context;
  std::size_t operation = 0;
  int node = 0;
  absl::Time invoked;
  // Of the tenant: the highest position that anyone had been told when it was sent.
  std::uint64_t known_seq = 0;
  std::optional<eventsourcing::CommandAnswer> answer;  // empty: unknown
  // Of the tenant: how far the accepted history went when the answer came.
  std::uint64_t seq_at_answer = 0;
};

// One command, tried until it was answered for good, or given up.
struct Operation {
  std::string context;
  std::string tenant;
  std::string method;
  Uuid id{};
  std::unique_ptr<google::protobuf::Message> command;
  std::optional<std::uint64_t> expected_version;
  bool settled = false;  // answered for good
  bool given_up = false;
};

// What an actor held of one stream, at a position.
struct SeenState {
  int node = 0;
  std::string context;
  std::string tenant;
  std::uint64_t seq = 0;
  std::string stream;
  std::string state;
};

// The digest of a reader behind everything below an offset.
struct SeenDigest {
  int node = 0;
  journal::PartitionId partition;
  std::uint64_t next_offset = 0;
  std::string digest;
};

// What a node showed of one view.
struct SeenRows {
  int node = 0;
  std::string context;
  std::string tenant;
  std::string view;
  // As the reader was told.
  std::uint64_t seq = 0;
  absl::Time recorded_at;
  // As the reader asked: to see at least this, or exactly that moment.
  std::uint64_t at_least = 0;
  std::optional<std::uint64_t> at_seq;
  std::optional<absl::Time> at_time;
  bool at_the_end = false;  // long after all was healed
  Rows rows;
};

struct History {
  std::vector<Operation> operations;
  std::vector<Attempt> attempts;
  std::vector<SeenState> states;
  std::vector<SeenDigest> digests;
  std::vector<SeenRows> rows;
  // What went wrong with the world itself: H8 and faults of the program.
  std::vector<std::string> complaints;
};

}  // namespace holdfast::simulation
