// A real broker for one test program: Apache Kafka, one node on ports of its own, started by
// ./dev kafka and stopped with the program, even where that is killed.
//
//   int main(int argc, char** argv) {
//     testing::InitGoogleMock(&argc, argv);
//     return holdfast::testing::KafkaBroker::RunAllTests("Broker.StandsOnThisMachine");
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace holdfast::testing {

class KafkaBroker {
 public:
  // Runs every test with a broker. Where none can be had only that one, which says so: it must look
  // for Get() and skip.
  static int RunAllTests(const std::string& test_that_skips);
  // nullptr where there is none.
  static KafkaBroker* Get();

  // Where ./dev kafka has not been yet: kUnavailable with its words.
  static absl::StatusOr<std::unique_ptr<KafkaBroker>> Start();
  ~KafkaBroker();
  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;

  // host:port, the same after a restart.
  const std::string& bootstrap() const { return bootstrap_; }
  void Stop();
  void StartAgain();
  // The file in which the first records of a partition stand.
  std::string SegmentOf(const std::string& topic, std::uint32_t partition) const;
  // A tool of the distribution: what it prints.
  static std::string RunTool(const std::string& java_class, const std::string& arguments);

 private:
  explicit KafkaBroker(std::string folder) : folder_(std::move(folder)) {}
  absl::Status Up();

  const std::string folder_;
  std::string bootstrap_;
};

}  // namespace holdfast::testing
