#include "readmodel/row_fold.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

namespace holdfast::readmodel {

std::string RowBytes(const google::protobuf::Message& row) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    row.SerializeToCodedStream(&coded);
  }
  return bytes;
}

void RowDigest::Add(std::string_view key, std::string_view value) {
  std::string length;
  AppendBigEndian32(length, static_cast<std::uint32_t>(key.size()));
  sha256_.Update(length).Update(key);
  length.clear();
  AppendBigEndian32(length, static_cast<std::uint32_t>(value.size()));
  sha256_.Update(length).Update(value);
}

void RowDigest::Add(const ParkedRows& parked) {
  for (const auto& [key, row] : parked) Add(key, RowBytes(row));
}

RowFold::RowFold(const ViewType& view) : view_(view) {}
RowFold::RowFold(const ViewType& view, std::set<std::string> only)
    : view_(view), only_(std::move(only)) {}
RowFold::~RowFold() = default;
RowFold::RowFold(RowFold&&) noexcept = default;

bool RowFold::Reads(const google::protobuf::Descriptor& event) const {
  return std::find(view_.events.begin(), view_.events.end(), &event) != view_.events.end();
}

void RowFold::Apply(const google::protobuf::Message& event, const EventMeta& meta) {
  for (const std::string& key : view_.key(event, meta)) {
    if (!only_ || only_->contains(key)) ApplyToRow(key, event, meta);
  }
}

void RowFold::ApplyToRow(const std::string& key, const google::protobuf::Message& event,
                         const EventMeta& meta) {
  if (const auto parked = parked_.find(key); parked != parked_.end()) {
    return CountWaiting(parked->second);
  }
  auto& row = rows_[key];
  if (row == nullptr) row.reset(view_.row_prototype->New());
  const Fit fit = ApplyTo(view_, *row, event, meta, key);
  if (!fit) parked_.emplace(key, ParkedAt(event, meta, fit.error()));
  if (!fit || (view_.gone != nullptr && view_.gone(*row))) rows_.erase(key);
}

}  // namespace holdfast::readmodel
