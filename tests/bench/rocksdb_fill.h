// `db_bench fillrandom --sync --batch_size=100` in a loop of our own: RocksDB with its default
// options, one thread, random 16-byte keys.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/random.h"

namespace rocksdb {
class DB;
}

namespace holdfast::bench {

class RocksdbFill {
 public:
  static absl::StatusOr<std::unique_ptr<RocksdbFill>> Open(const std::string& folder);
  ~RocksdbFill();

  // Entries a second.
  absl::StatusOr<double> Run(std::size_t value_bytes, std::size_t batch, absl::Duration duration);

 private:
  explicit RocksdbFill(rocksdb::DB* db);
  std::unique_ptr<rocksdb::DB> db_;
  SeededRandom random_{7};
};

}  // namespace holdfast::bench
