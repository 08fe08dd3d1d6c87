// Sites, their phases and the gates between them, as a service.
#pragma once

#include "app/service.h"

namespace holdfast::initiative {

// Listed by its own main and by standalone.
app::Service Initiative();

}  // namespace holdfast::initiative
