// One question put to the policy, with what follows from its inputs and is read by several rules.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "security/policy/inputs.h"
#include "security/policy/role_class_table.h"

namespace holdfast::security::policy {

// A set of small numbers of one enumeration. Numbers that nobody listed are never members.
class CodeSet {
 public:
  CodeSet() = default;
  explicit CodeSet(std::initializer_list<int> codes) {
    for (const int code : codes) Add(code);
  }
  void Add(int code) {
    if (code > 0 && code < 32) bits_ |= 1U << static_cast<unsigned>(code);
  }
  bool Has(int code) const {
    return code > 0 && code < 32 && (bits_ >> static_cast<unsigned>(code) & 1U) != 0;
  }
  bool empty() const { return bits_ == 0; }
  bool Meets(CodeSet other) const { return (bits_ & other.bits_) != 0; }
  bool HoldsOnly(int code) const { return (bits_ & ~CodeSet({code}).bits_) == 0; }

 private:
  std::uint32_t bits_ = 0;
};

// Of the agreements that cover a package.
enum class Cover : std::uint8_t { kNotNeeded, kNone, kExpired, kInForce };

// Borrows the inputs and the table.
struct Question {
  const Principal& principal;
  const Verb verb;
  const Resource& resource;
  const Context& context;
  const RoleClassTable& table;

  absl::Time now = absl::InfiniteFuture();  // later than everything where the context has none
  CodeSet held = {}, live = {};             // roles: granted ever; granted now
  bool reading = false, writing = false;
  bool given = false;    // handed in, and not seen by it
  CodeSet classes = {};  // that label and record concern
  bool personal = false;
  bool shared = false, own = false, own_action = false;
  bool break_glass = false;  // in force
  std::optional<absl::Time> expires_at = std::nullopt, consent_until = std::nullopt;
  Cover cover = Cover::kNotNeeded;

  CodeSet permitting = {};      // live roles whose cells reach
  bool ever_permitted = false;  // some role would, were no grant at its end

  const type::v1::Label& label() const { return resource.label; }
  const type::v1::HandlingConditions& conditions() const { return resource.label.conditions(); }
  bool Concerns(DataClass::Code of_class) const { return classes.Has(of_class); }
  bool Passed(absl::Time instant) const { return now >= instant; }
};

// All but what permits, which the evaluator adds.
Question Ask(const Principal& principal, Verb verb, const Resource& resource,
             const Context& context, const RoleClassTable& table);

// The roles of these whose cells for the label's and the record's class both reach.
CodeSet Permitting(const Question& question, CodeSet roles);

// No such instant: not there, or not of the years 1 to 9999.
std::optional<absl::Time> InstantOf(bool there, const google::protobuf::Timestamp& stamp);
bool IsInstant(const google::protobuf::Timestamp& stamp);

// Whether a list names it. Of areas: "*" on either side is every one.
bool Names(const std::vector<std::string>& list, const std::string& one);
bool AreasMeet(const std::vector<std::string>& of_principal,
               const std::vector<std::string>& of_resource);

}  // namespace holdfast::security::policy
