// Backup and restore of a data folder that no process serves: the journal, the files that contexts
// were handed, and the key of the commands' MACs. State and views are folded again from these.
#pragma once

#include <string>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archive/backup.h"
#include "archive/journal_archive.h"
#include "archive/restore.h"
#include "security/ed25519_key.h"

namespace holdfast::app {

// As archive::CreateBackup. kNotFound where the folder has no journal; kFailedPrecondition where a
// process serves it, or where `backup` lies inside of it.
absl::StatusOr<archive::v1::Manifest> BackUpData(const std::string& data, const std::string& backup,
                                                 const security::Ed25519PrivateKey& key,
                                                 const archive::CountRecords& progress);

// The files of a data folder that a backup holds: where each stands, by its path below the folder.
absl::StatusOr<archive::FilesByPath> FilesOf(const std::string& data);
// kFailedPrecondition where the backup would lie inside the data folder, and be lost with it.
absl::Status CheckApart(const std::string& data, const std::string& backup);

// kFailedPrecondition, naming what is there, unless the folder is absent or empty.
absl::Status CheckEmptyData(const std::string& data);

// Into an empty folder, whole or not at all: until the end everything stands in
// <data>/restoring, and no process serves a folder that has it.
absl::Status RestoreData(const archive::Backup& backup, const archive::RestorePlan& plan,
                         const std::string& data, const archive::CountRecords& progress);

}  // namespace holdfast::app
