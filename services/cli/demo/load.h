// Fills the demonstration tenants, through the API only: what a person would type, in the order of
// the first months.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace holdfast::cli {
class Session;
}

namespace holdfast::cli::demo {

struct LoadOptions {
  // Nothing is done where the tenant has a site.
  bool if_empty = false;
  // Where truth.json is written; empty: nowhere.
  std::string truth_file;
};

// Interrupted and called again it goes on: every step has a key of its own.
absl::Status LoadWestmoor(Session& session, const LoadOptions& options);

}  // namespace holdfast::cli::demo
