// The audit context: log, checkpoints, witnesses.
#pragma once

#include "app/service.h"

namespace holdfast::audit {

app::Service Audit();

}  // namespace holdfast::audit
