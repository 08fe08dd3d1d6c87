#include "ledger_log.h"

#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "engine.h"
#include "eventsourcing/accepted_feed.h"
#include "journal/journal.h"
#include "readmodel/event_decoder.h"

namespace holdfast::bench {

absl::StatusOr<std::vector<std::string>> ReadRecords(journal::Journal& journal) {
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader,
                   journal.OpenReader({kContext, 0}, 0));
  std::vector<std::string> records;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<journal::StoredRecord> some, reader->Read(256));
    if (some.empty()) return records;
    for (journal::StoredRecord& record : some) records.push_back(std::move(record.bytes));
  }
}

absl::StatusOr<std::vector<Loan>> ReadLoans(journal::Journal& journal) {
  ASSIGN_OR_RETURN(const std::unique_ptr<eventsourcing::AcceptedFeed> feed,
                   eventsourcing::AcceptedFeed::Open(journal, {kContext, 0}, ""));
  readmodel::EventDecoder decoder;
  decoder.Want(*testing::v1::LoanNoted::descriptor());
  std::vector<Loan> loans;
  while (true) {
    absl::Status decoded;
    ASSIGN_OR_RETURN(
        const std::size_t folded, feed->Advance(256, [&](const journal::v1::Commit& commit) {
          decoded = decoder.ForEach(
              commit, [&](const google::protobuf::Message& event, const EventMeta& meta) {
                loans.push_back({std::string(meta.stream_id), meta.seq,
                                 static_cast<const testing::v1::LoanNoted&>(event)});
              });
          return decoded.ok();
        }));
    RETURN_IF_ERROR(decoded);
    if (folded == 0) return loans;
  }
}

}  // namespace holdfast::bench
