#include "security/policy/role_class_table.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace holdfast::security::policy {
namespace {

using options::v1::DataClass;
using options::v1::Role;

std::string MessageOf(std::string_view json) {
  return std::string(RoleClassTable::From(json).status().message());
}

TEST(RoleClassTable, ShipsTheFileOfTheTree) {
  std::ifstream file("deploy/reference/policy/role_class.json", std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(ShippedRoleClassJson(), text);
  EXPECT_EQ(RoleClassTable::Shipped().digest(), Sha256Of(text));
}

TEST(RoleClassTable, KeepsSourcesToTheirHandlersAndTheLogToAuditors) {
  for (int code = Role::Code_MIN; code <= Role::Code_MAX; ++code) {
    const auto role = static_cast<Role::Code>(code);
    EXPECT_EQ(RoleClassTable::Shipped().At(DataClass::SOURCE, role) != 0,
              role == Role::SOURCE_HANDLER);
    EXPECT_EQ(RoleClassTable::Shipped().At(DataClass::AUDIT, role) != 0, role == Role::AUDITOR);
  }
}

TEST(RoleClassTable, LetsOnlyRecordsDispose) {
  for (int of_class = DataClass::Code_MIN; of_class <= DataClass::Code_MAX; ++of_class) {
    for (int code = Role::Code_MIN; code <= Role::Code_MAX; ++code) {
      const Cell cell = RoleClassTable::Shipped().At(static_cast<DataClass::Code>(of_class),
                                                     static_cast<Role::Code>(code));
      EXPECT_TRUE((cell & kDispose) == 0 || code == Role::RECORDS) << of_class << "/" << code;
    }
  }
}

TEST(RoleClassTable, HasNothingForNumbersThatNobodyListed) {
  EXPECT_EQ(RoleClassTable::Shipped().At(static_cast<DataClass::Code>(99), Role::OFFICER), 0);
  EXPECT_EQ(RoleClassTable::Shipped().At(DataClass::COMMUNITY, static_cast<Role::Code>(-1)), 0);
  EXPECT_FALSE(RoleClassTable::Shipped().SignInAge(static_cast<DataClass::Code>(99)).has_value());
}

TEST(RoleClassTable, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(MessageOf("{"), "role_class.json: is not a JSON object in which no key stands twice");
  EXPECT_EQ(MessageOf("{}"), "role_class.json: \"cells\" is missing, or no object");
  EXPECT_EQ(MessageOf(R"({"cells": {"SECRETS": {}}})"),
            "role_class.json: the class \"SECRETS\" is not known");
  EXPECT_EQ(MessageOf(R"({"cells": {"INTEL": {"KING": []}}})"),
            "role_class.json: the role \"KING\" is not known");
  EXPECT_EQ(MessageOf(R"({"cells": {"INTEL": {"SRO": ["peek"]}}})"),
            "role_class.json: the ability \"peek\" is not known");
  EXPECT_EQ(MessageOf(R"({"cells": {"INTEL": {}, "INTEL": {}}})"),
            "role_class.json: is not a JSON object in which no key stands twice");
}

}  // namespace
}  // namespace holdfast::security::policy
