// The embedded journal of a data folder, opened by those who only read it: a backup, a migration, a
// check. They hold the folder's lock (folder_lock.h) meanwhile.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/embedded_journal.h"

namespace holdfast::app {

// kNotFound where the folder holds no journal.
absl::Status RequireJournal(const std::string& data);
// For reading; nothing in it is changed. Errors as EmbeddedJournal::Open's.
absl::StatusOr<std::unique_ptr<journal::EmbeddedJournal>> OpenToRead(const std::string& data);

}  // namespace holdfast::app
