#include "app/demonstration.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/hash.h"
#include "base/hex.h"

namespace holdfast::app {
namespace {

using options::v1::Role;

constexpr std::string_view kTrial = "trial";

struct DemonstrationTenant {
  std::string_view slug;
  std::string_view name;
};
constexpr std::array<DemonstrationTenant, 3> kTenants = {
    {{"westmoor", "Westmoor"}, {"eastvale", "Eastvale"}, {"sandbox", "Sandbox"}}};

struct AgencyOf {
  std::string_view id;
  std::string_view name;
  std::string_view type;
};
constexpr std::array<AgencyOf, 5> kAgencies = {
    {{"police", " Police", "POLICE"},
     {"council", " Borough Council", "COUNCIL"},
     {"housing", " Homes", "HOUSING"},
     {"health", " Health Partnership", "HEALTH"},
     {"residents", " Residents' Association", "RESIDENTS"}}};

std::string_view AgencyFor(Role::Code role) {
  switch (role) {
    case Role::SRO:
    case Role::COORDINATOR:
    case Role::EVALUATOR:
      return "council";
    case Role::PARTNER:
      return "housing";
    case Role::COMMUNITY:
      return "residents";
    default:
      return "police";
  }
}

// SENIOR_SPONSOR -> "senior-sponsor", "Senior sponsor"; SRO stays itself.
std::string SubjectOf(Role::Code role) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(Role::Code_Name(role)), {{"_", "-"}});
}
std::string TitleOf(Role::Code role) {
  std::string title = absl::StrReplaceAll(Role::Code_Name(role), {{"_", " "}});
  if (title == "SRO" || title == "LRO") return title;
  absl::AsciiStrToLower(&title);
  title[0] = absl::ascii_toupper(static_cast<unsigned char>(title[0]));
  return title;
}

std::vector<Role::Code> AllRoles() {
  std::vector<Role::Code> roles;
  for (int i = 1; i < Role::Code_ARRAYSIZE; ++i) {
    if (Role::Code_IsValid(i)) roles.push_back(static_cast<Role::Code>(i));
  }
  return roles;
}

std::vector<Role::Code> RolesOfTrial() {
  std::vector<Role::Code> roles = AllRoles();
  std::erase_if(
      roles, [](Role::Code role) { return role == Role::SOURCE_HANDLER || role == Role::AUDITOR; });
  return roles;
}

void AddMember(config::v1::Tenant& tenant, std::string_view subject, std::string_view agency,
               const std::vector<Role::Code>& roles) {
  config::v1::Member& member = *tenant.add_members();
  member.set_subject(std::string(subject));
  // A pseudonym: what stands in commits must not say who it is.
  const Hash hash = Sha256Of(absl::StrCat(tenant.slug(), "/", std::string(subject)));
  member.set_actor_ref("a-" + ToHex(AsBytes(hash).substr(0, 8)));
  member.set_agency(absl::StrCat(tenant.slug(), "-", std::string(agency)));
  for (const Role::Code role : roles) member.add_roles(role);
}

}  // namespace

config::v1::Directory DemonstrationDirectory() {
  config::v1::Directory directory;
  for (const DemonstrationTenant& shown : kTenants) {
    config::v1::Tenant& tenant = *directory.add_tenants();
    tenant.set_slug(std::string(shown.slug));
    tenant.set_name(std::string(shown.name));
    for (const AgencyOf& agency : kAgencies) {
      config::v1::Agency& added = *tenant.add_agencies();
      added.set_id(absl::StrCat(tenant.slug(), "-", std::string(agency.id)));
      added.set_name(absl::StrCat(tenant.name(), std::string(agency.name)));
      added.set_type(std::string(agency.type));
    }
    AddMember(tenant, kTrial, "police", RolesOfTrial());
    for (const Role::Code role : AllRoles()) {
      AddMember(tenant, SubjectOf(role), AgencyFor(role), {role});
    }
  }
  return directory;
}

directory::v1::People DemonstrationPeople() {
  directory::v1::People people;
  for (const DemonstrationTenant& shown : kTenants) {
    const auto add = [&people, &shown](std::string as, std::string title,
                                       const std::vector<Role::Code>& roles) {
      directory::v1::People::Person& person = *people.add_people();
      person.set_tenant(std::string(shown.slug));
      person.set_as(std::move(as));
      person.set_title(std::move(title));
      for (const Role::Code role : roles) person.add_roles(role);
    };
    add(std::string(kTrial), "Trial (nearly every role)", RolesOfTrial());
    for (const Role::Code role : AllRoles()) add(SubjectOf(role), TitleOf(role), {role});
  }
  return people;
}

}  // namespace holdfast::app
