// Asks the second evaluator (reference.py), a process of its own for each batch.
#pragma once

#include <string>
#include <vector>

#include "random_case.h"
#include "security/policy/policy.h"

namespace holdfast::security::policy {

// An answer as reference.py writes it, without the digest: "0 F1,DEFAULT 4".
std::string AnswerOf(const Decision& decision);
// The question as it reads it: one line of JSON.
std::string LineOf(const Case& asked, bool wants_digest);

struct Referred {
  std::string answer;
  std::string digest;  // hex; empty where none was wanted
};

// Of every `digest_every`th case the digest too; 0: of none. The process ends where there is no
// Python, or it does not answer every case.
std::vector<Referred> AskReference(const std::vector<Case>& cases, std::size_t digest_every);

}  // namespace holdfast::security::policy
