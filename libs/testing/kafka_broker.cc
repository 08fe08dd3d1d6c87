#include "testing/kafka_broker.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace holdfast::testing {
namespace {

constexpr int kNoneHere = 3;  // what ./dev kafka up answers where Kafka is not here

std::unique_ptr<KafkaBroker>& Broker() {
  static std::unique_ptr<KafkaBroker> broker;
  return broker;
}

struct Outcome {
  int exit = -1;
  std::string words;  // stdout and stderr
};

Outcome Run(const std::string& command) {
  Outcome outcome;
  FILE* const pipe = popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> some{};
  while (fgets(some.data(), some.size(), pipe) != nullptr) outcome.words += some.data();
  const int status = pclose(pipe);
  outcome.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

// Programs that run at the same time, and start their brokers again, must not take each other's.
int LowestPort() {
  constexpr int kFirst = 20'000;
  constexpr int kPrograms = 600;
  constexpr int kPorts = 20;
  return kFirst + getpid() % kPrograms * kPorts;
}

}  // namespace

int KafkaBroker::RunAllTests(const std::string& test_that_skips, int nodes, int fronts) {
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  absl::StatusOr<std::unique_ptr<KafkaBroker>> started = Start(nodes, fronts);
  if (started.ok()) {
    Broker() = *std::move(started);
  } else {
    std::fprintf(stderr, "%s\n", std::string(started.status().message()).c_str());
    if (!absl::IsUnavailable(started.status())) return 1;
    GTEST_FLAG_SET(filter, test_that_skips);
  }
  const int status = RUN_ALL_TESTS();
  Broker().reset();
  return status;
}

KafkaBroker* KafkaBroker::Get() {
  return Broker().get();
}

absl::StatusOr<std::unique_ptr<KafkaBroker>> KafkaBroker::Start(int nodes, int fronts) {
  static std::atomic<int> number{0};
  std::unique_ptr<KafkaBroker> broker(
      new KafkaBroker(absl::StrCat(::testing::TempDir(), "/kafka_broker_", getpid(), "_", ++number),
                      nodes, fronts));
  if (const absl::Status up = broker->Up(); !up.ok()) return up;
  return broker;
}

KafkaBroker::~KafkaBroker() {
  Stop();
  std::error_code ignored;  // what is left lies in the folder for temporary files
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status KafkaBroker::Up() {
  const Outcome up =
      Run(absl::StrCat("./dev kafka up --no-fetch --nodes ", nodes_, " --fronts ", fronts_,
                       " --data '", folder_, "' --port ", LowestPort(), " --with ", getpid()));
  if (up.exit == kNoneHere) return absl::UnavailableError(up.words);
  if (up.exit != 0) return absl::InternalError(up.words);
  const std::string words(absl::StripSuffix(up.words, "\n"));
  bootstrap_ = words.substr(words.rfind('\n') + 1);
  return absl::OkStatus();
}

void KafkaBroker::Stop() {
  Run(absl::StrCat("./dev kafka down --data '", folder_, "'"));
}

void KafkaBroker::StartAgain() {
  const std::string before = bootstrap_;
  const absl::Status up = Up();
  EXPECT_TRUE(up.ok()) << up;
  EXPECT_EQ(bootstrap_, before) << "another program took the port meanwhile";
}

void KafkaBroker::Kill(int node) {
  Signal(node, "KILL");
}

void KafkaBroker::Pause(int node) {
  Signal(node, "STOP");
}

void KafkaBroker::Resume(int node) {
  Signal(node, "CONT");
}

void KafkaBroker::Signal(int node, const std::string& name) {
  const Outcome sent =
      Run(absl::StrCat("kill -s ", name, " $(cat '", folder_, "/node-", node, "/pid')"));
  EXPECT_EQ(sent.exit, 0) << sent.words;
}

std::vector<KafkaBroker::Front> KafkaBroker::FrontOf(int front) const {
  const auto port_of = [front](const std::string& listeners) {
    const std::string name = absl::StrCat("FRONT", front, "://127.0.0.1:");
    const std::size_t at = listeners.find(name);
    EXPECT_NE(at, std::string::npos) << "the broker was started without front " << front;
    return at == std::string::npos
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(std::atoi(listeners.c_str() + at + name.size()));
  };
  std::vector<Front> fronts;
  for (int node = 1; node <= nodes_; ++node) {
    Front& of = fronts.emplace_back();
    std::ifstream properties(absl::StrCat(folder_, "/node-", node, "/server.properties"));
    for (std::string line; std::getline(properties, line);) {
      if (line.starts_with("listeners=")) of.port = port_of(line);
      if (line.starts_with("advertised.listeners=")) of.advertised = port_of(line);
    }
  }
  return fronts;
}

std::string KafkaBroker::SegmentOf(const std::string& topic, std::uint32_t partition) const {
  return absl::StrCat(folder_, "/node-1/log/", topic, "-", partition, "/00000000000000000000.log");
}

std::string KafkaBroker::RunTool(const std::string& java_class, const std::string& arguments) {
  return Run(absl::StrCat("./dev kafka tool ", java_class, " ", arguments)).words;
}

}  // namespace holdfast::testing
