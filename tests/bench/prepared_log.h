// A log as an engine writes it, made on this disk and then laid onto a topic record by record: what
// is read there was accepted once, and costs no decision to bring.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench.h"
#include "kafka_house.h"

namespace holdfast::bench {

class PreparedLog {
 public:
  static absl::StatusOr<std::unique_ptr<PreparedLog>> Make(Bench& bench, KafkaHouse& house,
                                                           std::uint64_t events);

  // The next `count` records, in their order. kOutOfRange where none are left.
  absl::Status Lay(std::size_t count);
  // So many a second, for so long.
  absl::Status LaySteadily(double per_second, absl::Duration duration);

  // The topic so far.
  const std::string& prefix() const { return prefix_; }
  std::size_t laid() const { return laid_.load(); }

 private:
  PreparedLog() = default;
  std::vector<std::string> records_;
  std::string prefix_;
  std::unique_ptr<RawProducer> producer_;
  std::atomic<std::size_t> laid_ = 0;  // by one thread, seen by others
};

}  // namespace holdfast::bench
