// Commands over gRPC, a hundred in each message: by ExecuteBatch, and by streams of ExecuteStream.
// Each becomes a commit; any other answer than a receipt is an error.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "closed_loop.h"
#include "rpc/client.h"
#include "rpc_load.h"

namespace holdfast::type::v1 {
class CommandBatch;
}

namespace holdfast::bench {

inline constexpr int kItems = 100;  // of a message
// Messages in flight: their items stay below what a tenant may have in the queue (1,024).
inline constexpr std::size_t kMessages = 8;

// Whom the commands enrol: nobody who is there yet, or, with another limit each time, one of 10,000
// by Zipf's law, as the engine of E1 is asked.
enum class Members { kNew, kByZipf };

// The messages, by their numbers. Thread-safe.
class BatchMaker {
 public:
  explicit BatchMaker(Members members);
  // What was there is written over, so that little is allocated.
  void Fill(type::v1::CommandBatch& batch, std::uint64_t number) const;

 private:
  const std::string run_;             // so that no two makers share a command id
  std::vector<std::size_t> by_zipf_;  // empty: new members
};

// In both, LoopResult::answered counts commands.
class BatchedEnrolments {
 public:
  BatchedEnrolments(const std::string& address, std::string token, Members members);
  absl::StatusOr<LoopResult> Run(absl::Duration duration);

 private:
  const BatchMaker maker_;
  RpcLoad load_;
};

// A stream on each connection, which writes the next message when one was answered.
class StreamedEnrolments {
 public:
  StreamedEnrolments(const std::string& address, const std::string& token, Members members);
  absl::StatusOr<LoopResult> Run(absl::Duration duration);

 private:
  absl::StatusOr<std::uint64_t> Converse(rpc::Client& client, absl::Time until);

  const BatchMaker maker_;
  std::vector<rpc::Client> clients_;
  std::atomic<std::uint64_t> next_{0};
};

}  // namespace holdfast::bench
