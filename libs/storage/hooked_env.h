// A RocksDB environment whose files ask a DiskHook first.
#pragma once

#include <memory>

#include <rocksdb/env.h>

#include "storage/disk_hook.h"

namespace holdfast::storage {

std::unique_ptr<rocksdb::Env> HookedEnv(DiskHook& hook);

}  // namespace holdfast::storage
