// Questions for the policy, at random from a seed: mostly such as are asked every day, bent here
// and there, so that every rule decides often; some malformed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "security/policy/inputs.h"

namespace holdfast::security::policy {

struct Case {
  Principal principal;
  Verb verb = options::v1::Audit::VERB_UNSPECIFIED;
  Resource resource;
  Context context;
};

// The same cases for the same seed.
class CaseMaker {
 public:
  explicit CaseMaker(std::uint64_t seed) : random_(seed) {}

  Case Make();
  type::v1::Label MakeLabel();

  std::uint64_t Below(std::uint64_t limit) { return random_.Below(limit); }
  bool Chance(std::uint64_t percent) { return Below(100) < percent; }

 private:
  template <class T>
  const T& OneOf(const std::vector<T>& list) {
    return list[Below(list.size())];
  }
  // Each with the chance.
  std::vector<std::string> Some(const std::vector<std::string>& list, std::uint64_t percent);
  std::optional<absl::Time> AroundNow();

  Principal MakePrincipal();
  Agreement MakeAgreement();
  Resource MakeResource();
  Context MakeContext();
  void MakeConditions(type::v1::HandlingConditions& conditions);
  void Corrupt(Case& made);

  SeededRandom random_;
};

}  // namespace holdfast::security::policy
