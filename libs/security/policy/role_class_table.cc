#include "security/policy/role_class_table.h"

#include <algorithm>

#include <simdjson.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "security/strict_json.h"

namespace holdfast::security::policy {
namespace {

using options::v1::DataClass;
using options::v1::Role;

constexpr int kDepth = 4;

struct NamedAbility {
  std::string_view name;
  Ability ability;
};
constexpr std::array<NamedAbility, 12> kAbilities = {{{"read", kRead},
                                                      {"write", kWrite},
                                                      {"read-shared", kReadShared},
                                                      {"read-own", kReadOwn},
                                                      {"write-own", kWriteOwn},
                                                      {"write-own-action", kWriteOwnAction},
                                                      {"submit", kSubmit},
                                                      {"claim", kClaim},
                                                      {"report-breach", kReportBreach},
                                                      {"dispose", kDispose},
                                                      {"granted", kGranted},
                                                      {"by-record", kByRecord}}};

absl::Status Wrong(std::string_view what, std::string_view name) {
  return absl::InvalidArgumentError(
      absl::StrCat("role_class.json: ", absl::string_view(what.data(), what.size()), " \"",
                   absl::string_view(name.data(), name.size()), "\" is not known"));
}

absl::StatusOr<DataClass::Code> ClassNamed(std::string_view name) {
  DataClass::Code code{};
  if (!DataClass::Code_Parse(std::string(name), &code) || code == DataClass::CODE_UNSPECIFIED) {
    return Wrong("the class", name);
  }
  return code;
}

absl::StatusOr<Role::Code> RoleNamed(std::string_view name) {
  Role::Code code{};
  if (!Role::Code_Parse(std::string(name), &code) || code == Role::CODE_UNSPECIFIED) {
    return Wrong("the role", name);
  }
  return code;
}

absl::StatusOr<Cell> CellFrom(const simdjson::dom::element& abilities) {
  Cell cell = 0;
  simdjson::dom::array names;
  if (abilities.get(names) != simdjson::SUCCESS) return Wrong("a cell without a list", "");
  for (const simdjson::dom::element element : names) {
    std::string_view name;
    if (element.get(name) != simdjson::SUCCESS) return Wrong("an ability that is no text", "");
    const auto found =
        std::ranges::find_if(kAbilities, [&](const auto& known) { return known.name == name; });
    if (found == kAbilities.end()) return Wrong("the ability", name);
    cell = static_cast<Cell>(cell | found->ability);
  }
  return cell;
}

std::size_t Index(int code) {
  return static_cast<std::size_t>(code);
}

absl::StatusOr<simdjson::dom::object> ObjectUnder(const simdjson::dom::object& root,
                                                  std::string_view key) {
  simdjson::dom::object found;
  if (root[key].get(found) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat("role_class.json: \"",
                                                   absl::string_view(key.data(), key.size()),
                                                   "\" is missing, or no object"));
  }
  return found;
}

}  // namespace

RoleClassTable::RoleClassTable() {
  for (std::size_t of_class = 0; of_class < kClasses; ++of_class) {
    for (std::size_t role = 0; role < kRoles; ++role) {
      names_[of_class][role] =
          absl::StrCat(DataClass::Code_Name(static_cast<DataClass::Code>(of_class)), "/",
                       Role::Code_Name(static_cast<Role::Code>(role)));
    }
  }
}

absl::StatusOr<RoleClassTable> RoleClassTable::From(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (!IsStrictJson(json, kDepth) ||
      parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        "role_class.json: is not a JSON object in which no key stands twice");
  }
  RoleClassTable table;
  table.digest_ = Sha256Of(json);
  ASSIGN_OR_RETURN(const simdjson::dom::object rows, ObjectUnder(root, "cells"));
  for (const simdjson::dom::key_value_pair row : rows) {
    ASSIGN_OR_RETURN(const DataClass::Code of_class, ClassNamed(row.key));
    ASSIGN_OR_RETURN(const simdjson::dom::object cells, ObjectUnder(rows, row.key));
    for (const simdjson::dom::key_value_pair field : cells) {
      ASSIGN_OR_RETURN(const Role::Code role, RoleNamed(field.key));
      ASSIGN_OR_RETURN(const Cell cell, CellFrom(field.value));
      table.Set(of_class, role, cell);
    }
  }
  ASSIGN_OR_RETURN(const simdjson::dom::object ages, ObjectUnder(root, "sign_in_max_age_s"));
  for (const simdjson::dom::key_value_pair age : ages) {
    ASSIGN_OR_RETURN(const DataClass::Code of_class, ClassNamed(age.key));
    std::int64_t seconds = 0;
    if (age.value.get(seconds) != simdjson::SUCCESS) return Wrong("the age of", age.key);
    table.sign_in_age_[Index(of_class)] = absl::Seconds(seconds);
  }
  return table;
}

const RoleClassTable& RoleClassTable::Shipped() {
  static const RoleClassTable table = [] {
    absl::StatusOr<RoleClassTable> read = From(ShippedRoleClassJson());
    HOLDFAST_CHECK(read.ok());
    return *std::move(read);
  }();
  return table;
}

Cell RoleClassTable::At(DataClass::Code of_class, Role::Code role) const {
  if (!DataClass::Code_IsValid(of_class) || !Role::Code_IsValid(role)) return 0;
  return cells_[Index(of_class)][Index(role)];
}

const std::string& RoleClassTable::NameOf(DataClass::Code of_class, Role::Code role) const {
  HOLDFAST_CHECK(DataClass::Code_IsValid(of_class) && Role::Code_IsValid(role));
  return names_[Index(of_class)][Index(role)];
}

std::optional<absl::Duration> RoleClassTable::SignInAge(DataClass::Code of_class) const {
  if (!DataClass::Code_IsValid(of_class)) return std::nullopt;
  return sign_in_age_[Index(of_class)];
}

void RoleClassTable::Set(DataClass::Code of_class, Role::Code role, Cell cell) {
  HOLDFAST_CHECK(DataClass::Code_IsValid(of_class) && Role::Code_IsValid(role));
  cells_[Index(of_class)][Index(role)] = cell;
}

}  // namespace holdfast::security::policy
