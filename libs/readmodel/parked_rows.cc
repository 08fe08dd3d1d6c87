#include "readmodel/parked_rows.h"

#include <optional>
#include <utility>

#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/timestamps.h"

namespace holdfast::readmodel {
namespace {

// A family's name has no '/'.
std::string Prefix(std::string_view family) {
  return absl::StrCat("parked/", std::string(family), "/");
}

std::string KeyOf(std::string_view family, std::string_view key) {
  return Prefix(family).append(key);
}

}  // namespace

journal::v1::ParkedRow ParkedAt(const google::protobuf::Message& event, const EventMeta& meta,
                                const Misfit& why) {
  journal::v1::ParkedRow row;
  row.set_seq(meta.seq);
  row.set_index(meta.index);
  row.set_event_type(event.GetDescriptor()->full_name());
  row.set_reason(std::string(why.reason));
  *row.mutable_recorded_at() = ToTimestamp(meta.recorded_at);
  row.set_waiting(1);
  return row;
}

void CountWaiting(journal::v1::ParkedRow& row) {
  row.set_waiting(row.waiting() + 1);
}

absl::StatusOr<ParkedRows> ReadParked(const RowSnapshot& stored, std::string_view family) {
  ParkedRows rows;
  absl::Status status;
  const std::string prefix = Prefix(family);
  RETURN_IF_ERROR(stored.Scan(
      kMetaFamily, prefix, std::nullopt, [&](std::string_view key, std::string_view value) {
        journal::v1::ParkedRow& row = rows[std::string(key.substr(prefix.size()))];
        if (row.ParseFromArray(value.data(), static_cast<int>(value.size()))) return true;
        status = absl::DataLossError(
            absl::StrCat("what is kept of a parked row of ", std::string(family),
                         " is damaged; rebuild the view: holdfast projection rebuild"));
        return false;
      }));
  RETURN_IF_ERROR(status);
  return rows;
}

void PutParked(RowStore& store, std::string_view family, std::string_view key,
               const journal::v1::ParkedRow& row) {
  store.Put(kMetaFamily, KeyOf(family, key), row.SerializeAsString());
}

void DeleteParked(RowStore& store, std::string_view family, std::string_view key) {
  store.Delete(kMetaFamily, KeyOf(family, key));
}

absl::Status DropParked(RowStore& store, std::string_view family) {
  // All are read before any is taken away: a scan that fails leaves nothing in the store's batch.
  std::vector<std::string> keys;
  RETURN_IF_ERROR(store.TakeSnapshot()->Scan(kMetaFamily, Prefix(family), std::nullopt,
                                             [&](std::string_view key, std::string_view) {
                                               keys.emplace_back(key);
                                               return true;
                                             }));
  if (keys.empty()) return absl::OkStatus();
  for (const std::string& key : keys) store.Delete(kMetaFamily, key);
  return store.Commit();
}

absl::Status RowParked(std::string_view view) {
  return ErrorWithReason(
      absl::StatusCode::kDataLoss, "ROW_PARKED",
      "A row that this answer needs waits, because an event could not be applied to it. Nothing is "
      "lost. An administrator sees it with: holdfast projection parked.",
      {{"view", std::string(view)}});
}

}  // namespace holdfast::readmodel
