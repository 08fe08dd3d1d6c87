// The facts by which a verified token becomes a principal: folded from the directory's events
// (folded_directory.h), or, for a tenant of which no event tells, from the configuration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/member.h"

namespace holdfast::config::v1 {
class Directory;
}

namespace holdfast::security {

// Of a site that is shown to the public.
struct PublicSite {
  std::string tenant;
  std::string site_id;
};

// Thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;
  // Who that is in the tenant, now; null where nobody is known. The same pointer as long as the
  // facts are the same.
  virtual std::shared_ptr<const Member> Find(std::string_view tenant, std::string_view issuer,
                                             std::string_view subject) const = 0;
  virtual bool HasTenant(std::string_view tenant) const = 0;
  // As its people call it; empty for an unknown one.
  virtual std::string TenantName(std::string_view tenant) const = 0;
  // Who works for the house itself in the tenant, whatever its people decide; null for everybody
  // else.
  virtual std::shared_ptr<const Member> FindHousekeeper(std::string_view /*tenant*/,
                                                        std::string_view /*issuer*/,
                                                        std::string_view /*subject*/) const {
    return nullptr;
  }
  // How far its facts go.
  virtual PolicyEpoch EpochOf(std::string_view /*tenant*/) const { return {}; }
  // kUnavailable (PROTECTION_DOWN) where it can not be known whether the facts are those of now:
  // rights that were revoked must not be honoured.
  virtual absl::Status Current() const { return absl::OkStatus(); }
  // What an administrator enrols whoever signs in as that; empty where nothing can be enrolled.
  virtual std::string EnrolmentCode(std::string_view /*tenant*/, std::string_view /*issuer*/,
                                    std::string_view /*subject*/) const {
    return "";
  }
  // Where a public slug leads; empty for an unknown one.
  virtual std::optional<PublicSite> FindPublic(std::string_view /*slug*/) const {
    return std::nullopt;
  }
};

class ConfiguredDirectory final : public Directory {
 public:
  using ProviderOfTenant = std::map<std::string, std::string, std::less<>>;

  // kInvalidArgument and a sentence where a slug or a subject stands twice, or an agency is not
  // among the tenant's. Members belong to `issuer`, and to the tenant's provider where it has one:
  // a subject means nothing without who says it.
  static absl::StatusOr<ConfiguredDirectory> From(const config::v1::Directory& directory,
                                                  std::string issuer,
                                                  const ProviderOfTenant& providers = {});

  // One more whom the issuer of the whole house alone can name: what the house does for itself.
  void AddHousekeeper(std::string_view tenant, std::string_view subject, Member member);
  // In a demonstration each tenant's administrator may do the operator's work.
  void LetAdministratorsOperate();

  std::shared_ptr<const Member> Find(std::string_view tenant, std::string_view issuer,
                                     std::string_view subject) const override;
  std::shared_ptr<const Member> FindHousekeeper(std::string_view tenant, std::string_view issuer,
                                                std::string_view subject) const override;
  bool HasTenant(std::string_view tenant) const override;
  std::string TenantName(std::string_view tenant) const override;

 private:
  using Members = std::map<std::string, std::shared_ptr<const Member>, std::less<>>;  // by subject
  struct Tenant {
    std::string name;
    std::string provider;  // empty: none
    Members members;
    Members housekeepers;
  };
  std::string issuer_;
  std::map<std::string, Tenant, std::less<>> tenants_;
};

}  // namespace holdfast::security
