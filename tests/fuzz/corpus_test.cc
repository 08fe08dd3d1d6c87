// What a fuzzer once found must not come back: each target takes its whole corpus, and what comes
// of a seed by cutting it short or changing a byte.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Corpus(const Target& target) {
  const fs::path folder = fs::path("tests/fuzz/corpus") / (std::string(target.name) + "_fuzz");
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class FuzzTarget : public ::testing::TestWithParam<Target> {};

TEST_P(FuzzTarget, KeepsItsPromisesOnTheCorpus) {
  const std::vector<std::string> seeds = Corpus(GetParam());
  ASSERT_FALSE(seeds.empty());
  for (const std::string& seed : seeds) GetParam().run(seed);
}

TEST_P(FuzzTarget, KeepsItsPromisesOnSeedsThatAreCutOrChanged) {
  SeededRandom random(20'261'123);
  for (const std::string& seed : Corpus(GetParam())) {
    for (int round = 0; round < 64 && !seed.empty(); ++round) {
      std::string changed = seed;
      changed[random.Below(changed.size())] = static_cast<char>(random.Below(256));
      GetParam().run(changed);
      GetParam().run(std::string_view(changed).substr(0, random.Below(changed.size())));
    }
  }
}

std::string NameOf(const ::testing::TestParamInfo<Target>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Each, FuzzTarget, ::testing::ValuesIn(Targets().begin(), Targets().end()),
                         NameOf);

}  // namespace
}  // namespace holdfast::fuzz
