// Who may do what with which record: one pure, total function. docs/methods/policy.md has every
// rule in words; tests/policy/reference.py is written from those and must always agree.
//
//   cells of the table permit  ->  rules forbid, whatever permits  ->  obligations, digest
//
// Sources: Data Protection Act 2018 part 3; College of Policing, intelligence report (3x5x2);
// Government Security Classifications (Cabinet Office). Each rule names its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "security/policy/inputs.h"

namespace holdfast::security::policy {

// Bits, part of the digest: never renumbered.
enum class Obligation : std::uint32_t {
  kRedact = 1U << 0,     // withhold what is personal; a single value is then not opened
  kWatermark = 1U << 1,  // show and print who looked, and when
  kLog = 1U << 2,        // DPA 2018 s.62
  kSecondPerson = 1U << 3,
  kRowCap = 1U << 4,       // kRowCapPersons in kRowCapWindow for each principal
  kNoLocalCopy = 1U << 5,  // neither stored nor printed outside
  kPage = 1U << 6,         // supervisor and originator, at once
};

inline constexpr std::uint32_t kRowCapPersons = 100;
inline constexpr absl::Duration kRowCapWindow = absl::Minutes(10);

class Obligations {
 public:
  Obligations() = default;
  explicit Obligations(std::uint32_t bits) : bits_(bits) {}
  bool Has(Obligation one) const { return (bits_ & static_cast<std::uint32_t>(one)) != 0; }
  void Add(Obligation one) { bits_ |= static_cast<std::uint32_t>(one); }
  std::uint32_t bits() const { return bits_; }
  friend bool operator==(Obligations, Obligations) = default;

 private:
  std::uint32_t bits_ = 0;
};

struct Decision {
  bool permitted = false;
  Obligations obligations;  // of a denial: kLog
  // Of a permit: the cells that permitted ("INTEL/ANALYST"), then BREAK_GLASS. Of a denial: what
  // forbade ("U:context.purpose", "F2", "N1"), then DEFAULT where nothing permitted.
  std::vector<std::string> rule_ids;
  // SHA-256 over table, inputs and all of the above: names the decision in an audit record. Equal
  // for equal inputs, in whatever order their lists stand.
  Hash digest{};
};

// A value that is sealed is opened only by this: a permit that withholds nothing.
inline bool Opens(const Decision& decision) {
  return decision.permitted && !decision.obligations.Has(Obligation::kRedact);
}

// By the table that is shipped (deploy/reference/policy). Takes less than 10 µs, of which the
// digest is most. Thread-safe.
Decision Decide(const Principal& principal, Verb verb, const Resource& resource,
                const Context& context);

}  // namespace holdfast::security::policy
