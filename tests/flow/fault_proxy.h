// A door in front of a TCP door of this machine, that hinders what goes through it.
//
//   client --asks--> FaultProxy --asks--> target
//   client <-answers-           <-answers-
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace holdfast::flow {

// 127.0.0.1 at this port.
sockaddr_in Loopback(std::uint16_t port);

// What happens to everything that comes from now on.
struct Hindrance {
  absl::Duration delay_asks = absl::ZeroDuration();
  absl::Duration delay_answers = absl::ZeroDuration();
  // Connections stand and new ones are taken, but nothing passes and nothing is refused: as behind
  // a firewall that drops.
  bool silent = false;
  // Connections are reset, and new ones as well.
  bool refuses = false;
};

// Thread-safe. One thread for all connections.
class FaultProxy {
 public:
  // Listens on `port` of 127.0.0.1 (0: any free one) and connects to `target_port` there, which may
  // come and go. nullptr where the port is taken.
  static std::unique_ptr<FaultProxy> Open(std::uint16_t target_port, std::uint16_t port = 0);
  ~FaultProxy();

  std::uint16_t port() const { return port_; }
  std::string address() const;

  void Set(const Hindrance& hindrance);
  // No hindrance; connections through which something was lost are reset, delayed bytes pass now.
  void Heal() { Set({}); }
  // Resets every connection once.
  void Reset();
  // Ends the answers of every connection once: what was asked is still carried out, and its answer
  // is lost.
  void HalfClose();

  // How many bytes were passed on, to see that it is in use.
  std::size_t passed() const;

 private:
  struct Chunk {
    absl::Time due;
    std::string bytes;
  };
  // One direction of a connection.
  struct Flow {
    std::deque<Chunk> waiting;
    bool ended = false;      // nothing more comes
    bool shut_down = false;  // and the other side was told
  };
  struct Connection {
    int client = -1;
    int target = -1;
    Flow asks;
    Flow answers;
    bool lossy = false;         // something that came was thrown away
    bool answers_lost = false;  // the client was told that they ended
    bool over = false;
  };

  FaultProxy(int listener, int wake_out, int wake_in, std::uint16_t port,
             std::uint16_t target_port);
  void Wake() const;
  void Run();
  bool AwaitWork();
  void TakeOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Serve(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read(Connection& connection, bool asks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(Connection& connection, bool asks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time NextDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Break(Connection& connection);

  const int listener_;
  const int wake_out_;  // a byte in `wake_in_` ends a wait
  const int wake_in_;
  const std::uint16_t port_;
  const std::uint16_t target_port_;
  mutable absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  Hindrance hindrance_ ABSL_GUARDED_BY(mutex_);
  std::list<Connection> connections_ ABSL_GUARDED_BY(mutex_);
  std::size_t passed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::jthread thread_;
};

}  // namespace holdfast::flow
