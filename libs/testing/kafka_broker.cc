#include "testing/kafka_broker.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
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
  constexpr int kPrograms = 1'000;
  constexpr int kPorts = 10;
  return kFirst + getpid() % kPrograms * kPorts;
}

}  // namespace

int KafkaBroker::RunAllTests(const std::string& test_that_skips, int nodes) {
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  absl::StatusOr<std::unique_ptr<KafkaBroker>> started = Start(nodes);
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

absl::StatusOr<std::unique_ptr<KafkaBroker>> KafkaBroker::Start(int nodes) {
  static std::atomic<int> number{0};
  std::unique_ptr<KafkaBroker> broker(new KafkaBroker(
      absl::StrCat(::testing::TempDir(), "/kafka_broker_", getpid(), "_", ++number), nodes));
  if (const absl::Status up = broker->Up(); !up.ok()) return up;
  return broker;
}

KafkaBroker::~KafkaBroker() {
  Stop();
  std::error_code ignored;  // what is left lies in the folder for temporary files
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status KafkaBroker::Up() {
  const Outcome up = Run(absl::StrCat("./dev kafka up --no-fetch --nodes ", nodes_, " --data '",
                                      folder_, "' --port ", LowestPort(), " --with ", getpid()));
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
  const Outcome killed = Run(absl::StrCat("kill -9 $(cat '", folder_, "/node-", node, "/pid')"));
  EXPECT_EQ(killed.exit, 0) << killed.words;
}

std::string KafkaBroker::SegmentOf(const std::string& topic, std::uint32_t partition) const {
  return absl::StrCat(folder_, "/node-1/log/", topic, "-", partition, "/00000000000000000000.log");
}

std::string KafkaBroker::RunTool(const std::string& java_class, const std::string& arguments) {
  return Run(absl::StrCat("./dev kafka tool ", java_class, " ", arguments)).words;
}

}  // namespace holdfast::testing
