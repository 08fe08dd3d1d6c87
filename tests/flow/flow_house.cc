#include "flow_house.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "holdfast/operations/v1/operations.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/hex.h"
#include "directory/directory_service.h"
#include "initiative/initiative_service.h"
#include "metrics/metrics_service.h"
#include "projection/board_service.h"
#include "standalone/shipped_sets.h"

namespace holdfast::flow {

std::string FreshFolder(std::string_view name) {
  const std::string path = absl::StrCat(::testing::TempDir(), "holdfast-flow-", std::string(name));
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

std::string WriteFile(const std::string& path, std::string_view content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool HasRealData() {
  return std::filesystem::exists("../shared/data/MANIFEST.md");
}

bool Await(const std::function<bool()>& is_so) {
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (absl::Now() < until) {
    if (is_so()) return true;
  }
  return false;
}

FlowHouse::FlowHouse(std::string_view name) {
  auto started = app::InProcess::Start(
      FreshFolder(name), {directory::Directory, directory::Operator, initiative::Initiative,
                          metrics::Metrics, projection::Board});
  if (started.ok()) {
    process_ = *std::move(started);
    for (const char* tenant : {"westmoor", "eastvale", "sandbox"}) {
      const absl::Status shipped = standalone::PublishShippedSets(process_->platform(), tenant);
      if (shipped.ok()) continue;
      std::fprintf(stderr, "no shipped sets: %s\n", shipped.ToString().c_str());
      std::abort();
    }
    return;
  }
  std::fprintf(stderr, "the platform did not start: %s\n", started.status().ToString().c_str());
  std::abort();
}

std::string FlowHouse::address() const {
  return process_->platform().addresses().grpc;
}

Said FlowHouse::Run(std::string_view tenant, const Words& words) const {
  Words all = {"--address", address(), "--tenant", std::string(tenant)};
  all.insert(all.end(), words.begin(), words.end());
  return RunCommand(all);
}

std::string FlowHouse::Do(std::string_view tenant, const Words& words) const {
  Said said = Run(tenant, words);
  EXPECT_EQ(said.code, 0) << absl::StrJoin(words, " ") << "\n" << said.err;
  return std::move(said.out);
}

void FlowHouse::AskInto(std::string_view tenant, Words words,
                        google::protobuf::Message& answer) const {
  words.insert(words.end(), {"-o", "json"});
  const std::string out = Do(tenant, words);
  const auto parsed = google::protobuf::util::JsonStringToMessage(out, &answer);
  EXPECT_TRUE(parsed.ok()) << absl::StrJoin(words, " ") << "\n" << out.substr(0, 400);
}

std::string FlowHouse::Heads(std::string_view tenant) const {
  const auto verified = Ask<operations::v1::VerifyJournalResponse>(tenant, {"journal", "verify"});
  return absl::StrJoin(verified.heads(), " ", [](std::string* out, const auto& head) {
    absl::StrAppend(out, head.context(), ":", head.seq(), ":", ToHex(head.hash()));
  });
}

std::string FlowHouse::HeadOf(std::string_view tenant, std::string_view context) const {
  const std::string heads = Heads(tenant);
  for (const absl::string_view head : absl::StrSplit(heads, ' ')) {
    if (absl::StartsWith(head, absl::StrCat(std::string(context), ":"))) return std::string(head);
  }
  return "";
}

std::string FlowHouse::Make(std::string_view tenant, const Words& words) const {
  const auto receipt = Ask<type::v1::Receipt>(tenant, words);
  return receipt.stream().substr(receipt.stream().find('/') + 1);
}

}  // namespace holdfast::flow
