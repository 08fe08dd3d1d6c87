// A real broker for one test program: Apache Kafka, one node or three, on ports of its own, started
// by ./dev kafka and stopped with the program, even where that is killed.
//
//   int main(int argc, char** argv) {
//     testing::InitGoogleMock(&argc, argv);
//     return holdfast::testing::KafkaBroker::RunAllTests("Broker.StandsOnThisMachine");
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::testing {

class KafkaBroker {
 public:
  // Runs every test with a broker. Where Kafka is not on this machine only that one, which says so:
  // it must look for Get() and skip. Fails where a broker does not start.
  static int RunAllTests(const std::string& test_that_skips, int nodes = 1, int fronts = 0);
  // nullptr where there is none.
  static KafkaBroker* Get();

  // kUnavailable where Kafka is not on this machine, kInternal where it does not start; both with
  // the words of ./dev kafka.
  static absl::StatusOr<std::unique_ptr<KafkaBroker>> Start(int nodes, int fronts = 0);
  ~KafkaBroker();
  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;

  // host:port, the same after a restart.
  const std::string& bootstrap() const { return bootstrap_; }
  int nodes() const { return nodes_; }
  // Further ways in, on which a node names `advertised` as its address and listens on `port`: for a
  // proxy between. A port for each node.
  struct Front {
    std::uint16_t advertised = 0;
    std::uint16_t port = 0;
  };
  int fronts() const { return fronts_; }
  std::vector<Front> FrontOf(int front) const;
  void Stop();
  // What is not running.
  void StartAgain();
  // Without warning; one of 1 to `nodes`.
  void Kill(int node);
  // Stopped and let go on, by SIGSTOP and SIGCONT.
  void Pause(int node);
  void Resume(int node);
  // The file in which the first records of a partition stand.
  std::string SegmentOf(const std::string& topic, std::uint32_t partition) const;
  // A tool of the distribution: what it prints.
  static std::string RunTool(const std::string& java_class, const std::string& arguments);

 private:
  KafkaBroker(std::string folder, int nodes, int fronts)
      : folder_(std::move(folder)), nodes_(nodes), fronts_(fronts) {}
  absl::Status Up();
  void Signal(int node, const std::string& name);

  const std::string folder_;
  const int nodes_;
  const int fronts_;
  std::string bootstrap_;
};

}  // namespace holdfast::testing
