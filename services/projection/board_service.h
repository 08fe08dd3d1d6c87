// The boards: views over several contexts, each folding one, and the queries that lay them side by
// side.
#pragma once

#include "app/service.h"

namespace holdfast::projection {

app::Service Board();

}  // namespace holdfast::projection
