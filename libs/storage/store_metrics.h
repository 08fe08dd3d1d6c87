// What the metrics say of stores: sums over all open stores of one name.
#pragma once

#include <memory>
#include <string>

#include <rocksdb/listener.h>

namespace rocksdb {
class DB;
}

namespace holdfast::storage {

// Measures for how long writers were stalled; give it to the store's options.
std::shared_ptr<rocksdb::EventListener> StallListener(const std::string& metrics_name);

// Counts the store while the returned object lives. Nothing where the name is empty.
class Measured {
 public:
  virtual ~Measured() = default;
};
std::unique_ptr<Measured> Measure(const std::string& metrics_name, rocksdb::DB& db);

}  // namespace holdfast::storage
