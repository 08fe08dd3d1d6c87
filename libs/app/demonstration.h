// The tenants of the demonstration and the people in them. Nobody in it exists.
#pragma once

#include <string>
#include <vector>

#include "holdfast/config/v1/config.pb.h"
#include "holdfast/directory/v1/directory.pb.h"

namespace holdfast::app {

// westmoor, eastvale and sandbox: five agencies each, one person for each role, and `trial`, who
// holds all roles but those of sources and of the audit.
config::v1::Directory DemonstrationDirectory();

// Whom one can be, for whoever chooses: "trial" first.
directory::v1::People DemonstrationPeople();

}  // namespace holdfast::app
