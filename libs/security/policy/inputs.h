// The four inputs of a decision. What each attribute means: docs/methods/policy.md, "Inputs".
//
// Values, filled by who asks: the door from the directory and the call, keyvault from a sealed
// value's label. A number that nobody listed is not an error here: the decision denies it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/time/time.h"

namespace holdfast::security::policy {

using options::v1::DataClass;
using options::v1::Purpose;
using options::v1::Role;
using Verb = options::v1::Audit::Verb;

// Absent attributes are the value 0, an empty text, an empty list or no instant.
enum class PrincipalKind : std::uint8_t { kUnknown = 0, kPerson, kClient, kService, kJob };

struct RoleGrant {
  Role::Code role = Role::CODE_UNSPECIFIED;
  std::optional<absl::Time> until;  // live before it; none: for good
};

// What one agency may pass to another.
struct Agreement {
  std::string from;
  std::string to;
  std::vector<DataClass::Code> classes;
  std::vector<Purpose::Code> purposes;
  std::vector<std::string> areas;  // "*": every one
  bool is_signed = false;          // by every party
  std::optional<absl::Time> expires_at;
};

struct Principal {
  PrincipalKind kind = PrincipalKind::kUnknown;
  std::string tenant;
  std::string ref;  // the pseudonym that commits and logs carry
  std::string agency;
  type::v1::Agency::Type agency_type = type::v1::Agency::TYPE_UNSPECIFIED;
  type::v1::Agency::Regime regime = type::v1::Agency::REGIME_UNSPECIFIED;
  type::v1::Marking::Code clearance = type::v1::Marking::CODE_UNSPECIFIED;
  std::vector<RoleGrant> roles;
  std::vector<std::string> areas;  // "*": every one; empty: none
  std::vector<std::string> compartments;
  std::vector<Agreement> agreements;
  std::optional<absl::Time> signed_in_at;
};

// How far the directory was folded. Compared component-wise: of two epochs neither may be behind.
struct Epoch {
  std::uint64_t tenant_seq = 0;
  std::uint64_t operator_seq = 0;
};

enum class Thing : std::uint8_t {
  kUnknown = 0,
  kRecord,
  kAction,
  kReport,
  kDisruption,
  kBreachOfOrder,
  kPackage  // what one agency passes to another
};

enum class Retention : std::uint8_t { kUnknown = 0, kKept, kHeld, kDisposed };

struct Resource {
  std::string tenant;
  std::string stream;  // "influencer/0190a6f0-…"
  Thing thing = Thing::kUnknown;
  DataClass::Code record_class = DataClass::CODE_UNSPECIFIED;
  type::v1::Label label;  // in force: see Join
  std::vector<std::string> areas;
  std::vector<std::string> assignees;  // pseudonyms
  std::string from_agency;
  std::string compartment;
  std::vector<std::string> phases;  // empty: any
  std::string operation;            // empty: any
  bool restricted = false;
  Retention retention = Retention::kUnknown;
  Epoch min_policy_epoch;
};

// Whether a tenant asks a text of who looks at intelligence.
enum class Justification : std::uint8_t { kUnknown = 0, kRequired, kOptional, kOff };

struct Context {
  Purpose::Code purpose = Purpose::CODE_UNSPECIFIED;
  bool justified = false;
  Justification justification = Justification::kUnknown;
  std::string phase;
  std::string operation;
  std::string recipient;  // the agency to which a DISCLOSE goes
  bool method_granted = false;
  std::optional<absl::Time> break_glass_at;
  std::optional<absl::Time> time;
  Epoch policy_epoch;
};

}  // namespace holdfast::security::policy
