// The engine in this process: a journal (on disk, unless another is given), one partition's actor
// above it, and commands to it that always become a commit of about 300 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "closed_loop.h"
#include "zipf.h"

namespace google::protobuf {
class Message;
}
namespace holdfast::app {
class Contexts;
}
namespace holdfast::journal {
class Journal;
}
namespace holdfast::security {
class KeyVault;
}
namespace holdfast::storage {
class DiskHook;
}

namespace holdfast::bench {

inline constexpr char kContext[] = "testing";
inline constexpr char kTenant[] = "westmoor";

class Engine {
 public:
  // Streams are asked for by Zipf's law.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const std::string& folder,
                                                      storage::DiskHook* disk = nullptr,
                                                      std::size_t streams = 10'000);
  // Above a journal that has the context already, with one partition; `reader_lag` as an actor's.
  static absl::StatusOr<std::unique_ptr<Engine>> OpenAbove(
      std::unique_ptr<journal::Journal> journal, const std::string& folder,
      absl::Duration reader_lag, std::size_t streams = 10'000);
  // The same with a keyvault on the same disk, and commands of another making: about this member,
  // the n-th of all.
  using MakeCommand = std::function<std::unique_ptr<google::protobuf::Message>(
      const std::string& member, std::uint64_t n)>;
  static absl::StatusOr<std::unique_ptr<Engine>> OpenWithKeys(const std::string& folder,
                                                              MakeCommand make);
  ~Engine();

  // The next command; `done` comes on the actor's thread, which is where the loop's next one is
  // then made. One caller at a time.
  void Send(absl::AnyInvocable<void(absl::Status)> done);

  // In flight all the time; see ClosedLoop.
  absl::StatusOr<LoopResult> Load(std::size_t in_flight, absl::Duration duration);
  // So many a second, answered or not; see OpenLoop.
  absl::StatusOr<Histogram> Steadily(double per_second, absl::Duration duration);
  // Until so many more are accepted.
  absl::StatusOr<LoopResult> Grow(std::uint64_t commands);

  journal::Journal& journal() { return *journal_; }
  // Of the records so far: their bytes, on average.
  absl::StatusOr<double> BytesOfARecord();

 private:
  explicit Engine(std::size_t streams);
  absl::Status OpenContexts(const std::string& folder, absl::Duration reader_lag);

  const Zipf popularity_;
  SeededRandom random_{20'261'123};
  std::uint64_t sent_ = 0;
  MakeCommand make_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<security::KeyVault> vault_;  // of OpenWithKeys
  std::unique_ptr<app::Contexts> contexts_;
};

}  // namespace holdfast::bench
