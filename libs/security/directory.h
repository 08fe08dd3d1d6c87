// The facts by which a verified token becomes a principal.
//
// Today from the configuration; later folded from the directory's events, behind this same
// interface.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::config::v1 {
class Directory;
}

namespace holdfast::security {

struct Member {
  std::string agency;
  std::string actor_ref;
  std::vector<options::v1::Role::Code> roles;
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
  // What an administrator enrols whoever signs in as that; empty where nothing can be enrolled.
  virtual std::string EnrolmentCode(std::string_view /*tenant*/, std::string_view /*issuer*/,
                                    std::string_view /*subject*/) const {
    return "";
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

  std::shared_ptr<const Member> Find(std::string_view tenant, std::string_view issuer,
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
