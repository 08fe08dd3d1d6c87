// Who is signed in, and the sign-in of the demonstration. Until the directory has a service of its
// own.
#pragma once

#include "absl/status/status.h"

namespace holdfast::rpc {
class DescriptorService;
}

namespace holdfast::security {
class DevelopmentIssuer;
class Directory;
}  // namespace holdfast::security

namespace holdfast::app {

inline constexpr char kSessionService[] = "holdfast.directory.v1.SessionService";
inline constexpr char kDevelopmentIssuerService[] =
    "holdfast.directory.v1.DevelopmentIssuerService";

// The directory outlives the service.
void BindSession(const security::Directory& directory, bool demonstration,
                 rpc::DescriptorService& service);

// Both outlive the service. Unknown tenants and people answer alike.
void BindDevelopmentIssuer(const security::DevelopmentIssuer& issuer,
                           const security::Directory& directory, rpc::DescriptorService& service);

}  // namespace holdfast::app
