// The rows of one view of one tenant, folded in memory: rebuilds, verification, and reads of the
// past.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "readmodel/parked_rows.h"
#include "readmodel/view_type.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::readmodel {

// Serialised so that equal rows are equal bytes.
std::string RowBytes(const google::protobuf::Message& row);

// SHA-256 over rows in key order: u32be length, key, u32be length, value; then, alike, over what is
// kept of parked rows. Two rebuilds at one position are equal.
class RowDigest {
 public:
  void Add(std::string_view key, std::string_view value);
  void Add(const ParkedRows& parked);
  Hash Finish() { return sha256_.Finish(); }

 private:
  Sha256 sha256_;
};

class RowFold {
 public:
  explicit RowFold(const ViewType& view);  // kept by reference
  // Of these rows alone.
  RowFold(const ViewType& view, std::set<std::string> only);
  ~RowFold();
  RowFold(RowFold&&) noexcept;

  bool Reads(const google::protobuf::Descriptor& event) const;
  // `event` is one that the view reads. A row that it does not fit is parked here too.
  void Apply(const google::protobuf::Message& event, const EventMeta& meta);

  const std::map<std::string, std::unique_ptr<google::protobuf::Message>>& rows() const {
    return rows_;
  }
  const ParkedRows& parked() const { return parked_; }

 private:
  void ApplyToRow(const std::string& key, const google::protobuf::Message& event,
                  const EventMeta& meta);

  const ViewType& view_;
  const std::optional<std::set<std::string>> only_;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> rows_;
  ParkedRows parked_;
};

}  // namespace holdfast::readmodel
