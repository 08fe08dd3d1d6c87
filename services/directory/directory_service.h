// Tenants, agencies, members, agreements, clients and contact points, as services.
#pragma once

#include "app/service.h"

namespace holdfast::directory {

// A tenant's own directory. Listed by its own main and by standalone, as the next.
app::Service Directory();

// What the operator asks of all tenants.
app::Service Operator();

}  // namespace holdfast::directory
