// A program beside ours: a peer, or our own standalone. It ends when its owner does.
#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::bench {

class Child {
 public:
  // `words[0]` is the program's path. What it writes to stderr goes to `log`.
  static absl::StatusOr<std::unique_ptr<Child>> Start(const std::vector<std::string>& words,
                                                      const std::string& log);
  ~Child();

  pid_t pid() const { return pid_; }
  // All that it writes to stdout, until it ends. kInternal where it ended badly, kDeadlineExceeded
  // (and it is killed) where it takes longer.
  absl::StatusOr<std::string> Output(absl::Duration patience);
  // Asks it to end, and waits; kills it after `patience`.
  void Stop(int signal = SIGTERM, absl::Duration patience = absl::Seconds(30));
  bool running();

  // From /proc: "VmRSS", "VmHWM", in MiB.
  absl::StatusOr<double> MemoryMiB(const std::string& which) const;

 private:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}
  pid_t pid_;
  int output_;
  int status_ = 0;
};

// Runs it to its end and answers the number behind `field` of the JSON object that it prints.
absl::StatusOr<double> NumberFrom(const std::vector<std::string>& words, const std::string& log,
                                  const std::string& field, absl::Duration patience);

// A port of 127.0.0.1 that nobody holds now.
absl::StatusOr<std::uint16_t> FreePort();
// Waits until somebody listens there.
absl::Status AwaitPort(std::uint16_t port, Child& child, absl::Duration patience);

}  // namespace holdfast::bench
