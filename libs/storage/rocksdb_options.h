// The options of every store, and the memory that all stores of the process share.
#pragma once

#include <memory>
#include <string>

#include <rocksdb/cache.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include "absl/status/status.h"
#include "storage/store.h"

namespace holdfast::storage {

// One block cache for all stores of the process.
const std::shared_ptr<rocksdb::Cache>& SharedBlockCache();

rocksdb::DBOptions DatabaseOptions(const StoreOptions& options);
rocksdb::ColumnFamilyOptions FamilyOptions(const StoreOptions& options);

// The error model of store.h, naming the folder.
absl::Status FromRocksdb(const rocksdb::Status& status, const std::string& folder);

}  // namespace holdfast::storage
