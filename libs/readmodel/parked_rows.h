// Rows whose events wait, because their view could not apply one of them.
//
//   an event that does not fit --> its row is no longer served; its events are counted, not lost
//   retry, by a build whose view can apply it --> the row is folded again from the journal
//
// Kept beside the marks in the tenant's folder, by generation, and written with them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/event_meta.h"
#include "readmodel/row_store.h"
#include "readmodel/view.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::readmodel {

// The column family of what is known of the views: their marks and parked rows.
inline constexpr std::string_view kMetaFamily = "meta";

// By row key.
using ParkedRows = std::map<std::string, journal::v1::ParkedRow, std::less<>>;

// What is kept of a row that waits from this event on.
journal::v1::ParkedRow ParkedAt(const google::protobuf::Message& event, const EventMeta& meta,
                                const Misfit& why);
void CountWaiting(journal::v1::ParkedRow& row);

// Of one generation. kDataLoss where what is kept cannot be read.
absl::StatusOr<ParkedRows> ReadParked(const RowSnapshot& rows, std::string_view family);

// To be committed by the caller.
void PutParked(RowStore& store, std::string_view family, std::string_view key,
               const journal::v1::ParkedRow& row);
void DeleteParked(RowStore& store, std::string_view family, std::string_view key);
// Forgets those of a generation that nobody serves. Written at once, with what is put.
absl::Status DropParked(RowStore& store, std::string_view family);

// The answer to whoever asks for such a row: kDataLoss, reason ROW_PARKED.
absl::Status RowParked(std::string_view view);

}  // namespace holdfast::readmodel
