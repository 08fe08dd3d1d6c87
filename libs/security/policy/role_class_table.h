// The table of classes and roles (security.md §3), read from the one file that both evaluators
// share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/options/v1/options.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/hash.h"

namespace holdfast::security::policy {

// What a cell may hold, as bits. docs/methods/policy.md, "Permits", says where each reaches.
enum Ability : std::uint16_t {
  kRead = 1U << 0,
  kWrite = 1U << 1,
  kReadShared = 1U << 2,
  kReadOwn = 1U << 3,
  kWriteOwn = 1U << 4,
  kWriteOwnAction = 1U << 5,
  kSubmit = 1U << 6,
  kClaim = 1U << 7,
  kReportBreach = 1U << 8,
  kDispose = 1U << 9,
  kGranted = 1U << 10,
  kByRecord = 1U << 11,
};
using Cell = std::uint16_t;

class RoleClassTable {
 public:
  // kInvalidArgument, naming the class, role or ability that is not known.
  static absl::StatusOr<RoleClassTable> From(std::string_view json);
  // The one that is shipped with the program. The process ends where it cannot be read.
  static const RoleClassTable& Shipped();

  // Empty for a class or role that nobody listed.
  Cell At(options::v1::DataClass::Code of_class, options::v1::Role::Code role) const;
  // "INTEL/ANALYST"; both must be listed.
  const std::string& NameOf(options::v1::DataClass::Code of_class,
                            options::v1::Role::Code role) const;
  // How old a person's sign-in may be for this class, if it matters.
  std::optional<absl::Duration> SignInAge(options::v1::DataClass::Code of_class) const;
  // SHA-256 of the file: part of every digest.
  const Hash& digest() const { return digest_; }

  // For who plants a fault in it.
  void Set(options::v1::DataClass::Code of_class, options::v1::Role::Code role, Cell cell);

 private:
  static constexpr std::size_t kClasses = options::v1::DataClass::Code_ARRAYSIZE;
  static constexpr std::size_t kRoles = options::v1::Role::Code_ARRAYSIZE;
  RoleClassTable();

  std::array<std::array<Cell, kRoles>, kClasses> cells_{};
  std::array<std::array<std::string, kRoles>, kClasses> names_;
  std::array<std::optional<absl::Duration>, kClasses> sign_in_age_;
  Hash digest_{};
};

// The text of deploy/reference/policy/role_class.json, as it was when the program was built.
std::string_view ShippedRoleClassJson();

}  // namespace holdfast::security::policy
