// The rows of one view of one tenant, folded in memory: rebuilds, verification, and reads of the
// past.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/hash.h"
#include "readmodel/view_type.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::readmodel {

// Serialised so that equal rows are equal bytes.
std::string RowBytes(const google::protobuf::Message& row);

// SHA-256 over rows in key order: u32be length, key, u32be length, value. Two rebuilds at one
// position are equal.
class RowDigest {
 public:
  void Add(std::string_view key, std::string_view value);
  Hash Finish() { return sha256_.Finish(); }

 private:
  Sha256 sha256_;
};

class RowFold {
 public:
  explicit RowFold(const ViewType& view);  // kept by reference
  ~RowFold();
  RowFold(RowFold&&) noexcept;

  bool Reads(const google::protobuf::Descriptor& event) const;
  // `event` is one that the view reads.
  void Apply(const google::protobuf::Message& event, const EventMeta& meta);

  const std::map<std::string, std::unique_ptr<google::protobuf::Message>>& rows() const {
    return rows_;
  }

 private:
  const ViewType& view_;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> rows_;
};

}  // namespace holdfast::readmodel
