#include "security/directory.h"

#include <algorithm>
#include <set>

#include "holdfast/config/v1/config.pb.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace holdfast::security {
namespace {

absl::Status Wrong(const std::string& tenant, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("directory: tenant ", tenant, ": ", what));
}

std::shared_ptr<const Member> MemberFrom(const config::v1::Member& member) {
  Member made{member.agency(), member.actor_ref(), {}};
  made.areas.assign(member.areas().begin(), member.areas().end());
  if (made.areas.empty()) made.areas = {kEveryArea};  // config.v1.Member: every area
  for (const int role : member.roles()) {
    made.roles.push_back(static_cast<options::v1::Role::Code>(role));
  }
  return std::make_shared<const Member>(std::move(made));
}

using Members = std::map<std::string, std::shared_ptr<const Member>, std::less<>>;

absl::StatusOr<Members> MembersOf(const config::v1::Tenant& configured) {
  Members members;
  std::set<std::string> agencies;
  for (const config::v1::Agency& agency : configured.agencies()) {
    if (!agencies.insert(agency.id()).second) {
      return Wrong(configured.slug(), "an agency stands twice; give each its own id");
    }
  }
  for (const config::v1::Member& member : configured.members()) {
    if (!agencies.contains(member.agency())) {
      return Wrong(configured.slug(), "a member's agency is not listed; add it to `agencies`");
    }
    if (member.actor_ref().empty() || member.roles().empty()) {
      return Wrong(configured.slug(), "a member has no actor_ref or no roles; give both");
    }
    const bool first = members.emplace(member.subject(), MemberFrom(member)).second;
    if (!first) {
      return Wrong(configured.slug(), "a subject stands twice; one person has one membership");
    }
  }
  return members;
}

}  // namespace

absl::StatusOr<ConfiguredDirectory> ConfiguredDirectory::From(
    const config::v1::Directory& directory, std::string issuer, const ProviderOfTenant& providers) {
  ConfiguredDirectory out;
  out.issuer_ = std::move(issuer);
  for (const config::v1::Tenant& configured : directory.tenants()) {
    Tenant tenant;
    tenant.name = configured.name();
    const auto provider = providers.find(configured.slug());
    if (provider != providers.end()) tenant.provider = provider->second;
    ASSIGN_OR_RETURN(tenant.members, MembersOf(configured));
    if (!out.tenants_.emplace(configured.slug(), std::move(tenant)).second) {
      return Wrong(configured.slug(), "the slug stands twice");
    }
  }
  return out;
}

void ConfiguredDirectory::AddHousekeeper(std::string_view tenant, std::string_view subject,
                                         Member member) {
  const auto of = tenants_.find(tenant);
  if (of == tenants_.end()) return;
  of->second.housekeepers.emplace(subject, std::make_shared<const Member>(std::move(member)));
}

void ConfiguredDirectory::LetAdministratorsOperate() {
  for (auto& [slug, tenant] : tenants_) {
    for (auto& [subject, member] : tenant.members) {
      if (std::ranges::find(member->roles, options::v1::Role::ADMINISTRATOR) == member->roles.end())
        continue;
      Member operates = *member;
      operates.operates = true;
      member = std::make_shared<const Member>(std::move(operates));
    }
  }
}

std::shared_ptr<const Member> ConfiguredDirectory::Find(std::string_view tenant,
                                                        std::string_view issuer,
                                                        std::string_view subject) const {
  const auto of = tenants_.find(tenant);
  if (of == tenants_.end()) return nullptr;
  const bool house = issuer == issuer_;
  if (!house && (of->second.provider.empty() || issuer != of->second.provider)) return nullptr;
  const auto found = of->second.members.find(subject);
  if (found != of->second.members.end()) return found->second;
  return FindHousekeeper(tenant, issuer, subject);
}

std::shared_ptr<const Member> ConfiguredDirectory::FindHousekeeper(std::string_view tenant,
                                                                   std::string_view issuer,
                                                                   std::string_view subject) const {
  const auto of = tenants_.find(tenant);
  if (of == tenants_.end() || issuer != issuer_) return nullptr;
  const auto keeper = of->second.housekeepers.find(subject);
  return keeper == of->second.housekeepers.end() ? nullptr : keeper->second;
}

bool ConfiguredDirectory::HasTenant(std::string_view tenant) const {
  return tenants_.contains(tenant);
}

std::string ConfiguredDirectory::TenantName(std::string_view tenant) const {
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? "" : found->second.name;
}

}  // namespace holdfast::security
