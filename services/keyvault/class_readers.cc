#include "keyvault/class_readers.h"

#include <algorithm>
#include <map>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/options/v1/options.pb.h"

#include "security/principal.h"

namespace holdfast::keyvault {
namespace {

using options::v1::DataClass;
using options::v1::Role;

// A role that sees only what is released or shared of a class is not in it.
const std::map<int, std::vector<Role::Code>>& Readers() {
  static const auto& readers = *new std::map<int, std::vector<Role::Code>>{
      {DataClass::COMMUNITY,
       {Role::SENIOR_SPONSOR, Role::SRO, Role::LRO, Role::COORDINATOR, Role::OFFICER, Role::ANALYST,
        Role::INTELLIGENCE, Role::PARTNER, Role::COMMUNITY, Role::RECORDS, Role::EVALUATOR}},
      {DataClass::PARTNERSHIP,
       {Role::SENIOR_SPONSOR, Role::SRO, Role::LRO, Role::COORDINATOR, Role::OFFICER, Role::ANALYST,
        Role::INTELLIGENCE, Role::RECORDS}},
      {DataClass::OPERATIONAL,
       {Role::SENIOR_SPONSOR, Role::SRO, Role::LRO, Role::COORDINATOR, Role::OFFICER, Role::ANALYST,
        Role::INTELLIGENCE, Role::RECORDS}},
      {DataClass::INTEL, {Role::INTELLIGENCE, Role::RECORDS}},
      {DataClass::PERSON,
       {Role::SENIOR_SPONSOR, Role::SRO, Role::LRO, Role::COORDINATOR, Role::OFFICER,
        Role::INTELLIGENCE, Role::PARTNER, Role::RECORDS}},
      {DataClass::SOURCE, {Role::SOURCE_HANDLER}},
      {DataClass::AUDIT, {Role::AUDITOR}},
  };
  return readers;
}

}  // namespace

bool RoleReadsClass(const security::VerifiedPrincipal& principal,
                    const journal::v1::SealedField& header) {
  const auto found = Readers().find(static_cast<int>(header.class_()));
  return found != Readers().end() &&
         std::ranges::any_of(found->second, [&](Role::Code role) { return principal.Has(role); });
}

}  // namespace holdfast::keyvault
