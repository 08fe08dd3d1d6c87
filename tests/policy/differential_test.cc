// Two evaluators, written apart, one answer: every decision, its rules, its obligations, and of a
// part of them the digest.
//
//   HOLDFAST_POLICY_CASES   how many (200,000; ./dev chaos policy: ten million)
//   HOLDFAST_POLICY_SEED    from which seed (else the same every day)
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "base/hex.h"
#include "reference.h"
#include "security/policy/evaluator.h"

namespace holdfast::security::policy {
namespace {

constexpr std::uint64_t kBatch = 10'000;
constexpr std::size_t kDigestEvery = 16;
constexpr int kWorkers = 2;

std::uint64_t Number(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// How often a rule was among those that decided, and how often it was the only one.
struct Times {
  std::uint64_t decided = 0;
  std::uint64_t alone = 0;
};

struct Findings {
  std::map<std::string, Times> rules;
  std::uint64_t cases = 0, permits = 0, digests = 0, differences = 0;
  std::vector<std::string> examples;

  void Count(const Decision& decision) {
    ++cases;
    permits += decision.permitted ? 1U : 0U;
    for (const std::string& id : decision.rule_ids) {
      ++rules[id].decided;
      rules[id].alone += decision.rule_ids.size() == 1 ? 1U : 0U;
    }
  }
  void Differ(const Case& asked, const std::string& ours, const std::string& theirs) {
    ++differences;
    if (examples.size() < 3) {
      examples.push_back("ours " + ours + "\ntheirs " + theirs + "\ncase " + LineOf(asked, true));
    }
  }
  void Add(const Findings& other) {
    for (const auto& [id, times] : other.rules) {
      rules[id].decided += times.decided;
      rules[id].alone += times.alone;
    }
    cases += other.cases;
    permits += other.permits;
    digests += other.digests;
    differences += other.differences;
    examples.insert(examples.end(), other.examples.begin(), other.examples.end());
  }
};

Findings CompareBatch(std::uint64_t seed, std::uint64_t size) {
  CaseMaker maker(seed);
  std::vector<Case> cases;
  for (std::uint64_t i = 0; i < size; ++i) cases.push_back(maker.Make());
  const std::vector<Referred> theirs = AskReference(cases, kDigestEvery);
  Findings findings;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& asked = cases[i];
    const Decision ours = Decide(asked.principal, asked.verb, asked.resource, asked.context);
    findings.Count(ours);
    const std::string digest = theirs[i].digest.empty() ? "" : ToHex(AsBytes(ours.digest));
    findings.digests += digest.empty() ? 0U : 1U;
    if (AnswerOf(ours) != theirs[i].answer || digest != theirs[i].digest) {
      findings.Differ(asked, AnswerOf(ours) + " " + digest,
                      theirs[i].answer + " " + theirs[i].digest);
    }
  }
  return findings;
}

// Batches by two workers: the other process is the slower half.
Findings CompareAll(std::uint64_t seed, std::uint64_t cases) {
  const std::uint64_t batches = (cases + kBatch - 1) / kBatch;
  std::mutex mutex;
  Findings all;
  {
    std::vector<std::jthread> workers;
    for (std::uint64_t worker = 0; worker < kWorkers; ++worker) {
      workers.emplace_back([&, worker] {
        for (std::uint64_t batch = worker; batch < batches; batch += kWorkers) {
          const Findings found =
              CompareBatch(seed + batch, std::min(kBatch, cases - batch * kBatch));
          const std::lock_guard<std::mutex> lock(mutex);
          all.Add(found);
        }
      });
    }
  }
  return all;
}

std::vector<std::string> Expected() {
  std::vector<std::string> ids = {"DEFAULT", "BREAK_GLASS"};
  for (const Rule& rule : Evaluator::Shipped().rules) ids.emplace_back(rule.id);
  const RoleClassTable& table = RoleClassTable::Shipped();
  for (int of_class = 1; of_class <= DataClass::Code_MAX; ++of_class) {
    for (int role = 1; role <= Role::Code_MAX; ++role) {
      const auto named_class = static_cast<DataClass::Code>(of_class);
      const auto named_role = static_cast<Role::Code>(role);
      const Cell cell = table.At(named_class, named_role);
      // By record alone is named by the record's cell.
      if (cell != 0 && cell != kByRecord) {
        ids.push_back(table.NameOf(named_class, named_role));
      }
    }
  }
  return ids;
}

void Print(const Findings& findings) {
  std::cout << findings.cases << " cases, " << findings.permits << " permitted, "
            << findings.digests << " digests compared, " << findings.differences
            << " differences\n";
  for (const auto& [id, times] : findings.rules) {
    std::cout << "  " << id << " " << times.decided << ", alone " << times.alone << "\n";
  }
}

TEST(Policy, IsAnsweredAlikeByBothEvaluators) {
  const std::uint64_t seed = Number("HOLDFAST_POLICY_SEED", 20'261'128);
  const std::uint64_t cases = Number("HOLDFAST_POLICY_CASES", 200'000);
  std::cout << "seed " << seed << std::endl;
  const Findings findings = CompareAll(seed, cases);
  Print(findings);
  EXPECT_EQ(findings.cases, cases);
  EXPECT_EQ(findings.differences, 0U);
  for (const std::string& example : findings.examples) ADD_FAILURE() << example;
  // Every rule and cell decided; and none all: what always fires tests nothing. Where it can be,
  // also alone: what is unknown often makes more unknown, and break-glass always names a cell too.
  for (const std::string& id : Expected()) {
    const auto found = findings.rules.find(id);
    const Times times = found == findings.rules.end() ? Times{} : found->second;
    EXPECT_GE(times.decided, cases / 20'000) << id;
    EXPECT_LE(times.decided, cases * 9 / 10) << id;
    const bool in_company = id.starts_with("U:") || id == "BREAK_GLASS";
    EXPECT_GE(times.alone, in_company ? 0 : cases / 20'000) << id;
  }
  EXPECT_GE(findings.permits, cases / 50);
}

}  // namespace
}  // namespace holdfast::security::policy
