#include "rocksdb_fill.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "absl/time/clock.h"

namespace holdfast::bench {

RocksdbFill::RocksdbFill(rocksdb::DB* db) : db_(db) {}
RocksdbFill::~RocksdbFill() = default;

absl::StatusOr<std::unique_ptr<RocksdbFill>> RocksdbFill::Open(const std::string& folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, folder, &db);
  if (!opened.ok()) return absl::UnavailableError(opened.ToString());
  return std::unique_ptr<RocksdbFill>(new RocksdbFill(db));
}

absl::StatusOr<double> RocksdbFill::Run(std::size_t value_bytes, std::size_t batch,
                                        absl::Duration duration) {
  rocksdb::WriteOptions options;
  options.sync = true;
  std::string key(16, '\0');
  std::string value(value_bytes, '\0');
  random_.Fill({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
  rocksdb::WriteBatch writes;
  std::uint64_t written = 0;
  const absl::Time began = absl::Now();
  while (absl::Now() - began < duration) {
    writes.Clear();
    for (std::size_t i = 0; i < batch; ++i) {
      random_.Fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
      writes.Put(key, value);
    }
    const rocksdb::Status status = db_->Write(options, &writes);
    if (!status.ok()) return absl::UnavailableError(status.ToString());
    written += batch;
  }
  return static_cast<double>(written) / absl::ToDoubleSeconds(absl::Now() - began);
}

}  // namespace holdfast::bench
