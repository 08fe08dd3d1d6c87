#include "scenarios.h"

#include <array>

namespace holdfast::bench {

std::span<const Scenario> Scenarios() {
  static constexpr std::array<Scenario, 24> kScenarios = {
      {{"E1", "commands in process, 256 in flight", E1},
       {"E2", "p99 of a command, 16 in flight", E2},
       {"E3", "commands on a disk that syncs in 2 ms", E3},
       {"E4", "unary gRPC commands through the door", E4},
       {"E5", "gRPC commands in batches and in streams of batches", E5},
       {"E7", "gRPC commands against Emmett on PostgreSQL", E7},
       {"E8", "commands on Kafka against librdkafka alone", E8},
       {"E9", "p50 and p99 of commands on Kafka at half load", E9},
       {"E10", "gRPC commands against UmaDB", E10},
       {"E11", "a projector on Kafka against reading alone", E11},
       {"E12", "rebuild of a projection", E12},
       {"E13", "rebuild against a Merge for each counter", E13},
       {"E14", "p99 of a page of 120 rows while commands are applied", E14},
       {"E15", "from receipt to board, through a deployment", E15},
       {"E16", "take-over after kill -9 of an owner", E16},
       {"E17", "cold start of a partition", E17},
       {"E18", "catching up after an outage", E18},
       {"E19", "what hash chain and checksum cost", E19},
       {"E20", "import of a crime archive against DuckDB", E20},
       {"E21", "point in ward against GEOS", E21},
       {"E23", "memory of the standalone", E23},
       {"E24", "growth: a command, a page", E24},
       {"E25", "a noisy neighbour, through a deployment", E25},
       {"E27", "a decision of the policy", E27}}};
  return kScenarios;
}

}  // namespace holdfast::bench
