// What a query reads: the rows of one tenant, at one moment, with how fresh they are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/type/v1/type.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::readmodel {

// A snapshot: every Get and Scan of one reader sees the same moment of each context. Not
// thread-safe.
//
// A row that is parked (`parked_rows.h`) has nothing to show, and is never shown as it was: Get
// answers kDataLoss, reason ROW_PARKED, and so does a Scan that comes past one.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual const std::string& tenant() const = 0;

  // The position and time of the last applied commit of each context that this reader has read
  // from, the lag, and how many rows were left out.
  virtual type::v1::AsOf as_of() const = 0;

  // From now on a Scan goes on without a parked row, and as_of counts it. For an answer that
  // carries as_of and writes nothing.
  void LeaveOutParkedRows() { leaves_out_parked_rows_ = true; }

  // The row, or empty where there is none. kNotFound for a view that is not registered; kDataLoss
  // for a damaged row.
  template <class V>
  absl::StatusOr<std::optional<typename V::Row>> Get(std::string_view key) const {
    typename V::Row row;
    const absl::StatusOr<bool> found = GetRow(V::kName, key, row);
    if (!found.ok()) return found.status();
    if (!*found) return std::optional<typename V::Row>();
    return std::optional<typename V::Row>(std::move(row));
  }

  // Rows whose key starts with `prefix` and is greater than `after` (empty: from the first), in key
  // order, until `each(key, row)` answers false or `limit` rows were given (0: no limit).
  template <class V>
  absl::Status Scan(std::string_view prefix, std::string_view after, std::size_t limit,
                    absl::FunctionRef<bool(std::string_view, const typename V::Row&)> each) const {
    typename V::Row row;
    return ScanRows(V::kName, prefix, after, limit, row,
                    [&](std::string_view key) { return each(key, row); });
  }

 protected:
  virtual absl::StatusOr<bool> GetRow(std::string_view view, std::string_view key,
                                      google::protobuf::Message& row) const = 0;
  virtual absl::Status ScanRows(std::string_view view, std::string_view prefix,
                                std::string_view after, std::size_t limit,
                                google::protobuf::Message& row,
                                absl::FunctionRef<bool(std::string_view)> each) const = 0;

  bool leaves_out_parked_rows() const { return leaves_out_parked_rows_; }

 private:
  bool leaves_out_parked_rows_ = false;
};

}  // namespace holdfast::readmodel
