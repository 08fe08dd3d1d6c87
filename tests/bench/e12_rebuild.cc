// E12: how fast a projection is made anew from the journal (fold, compare, write, switch), beside
// the two things that it cannot avoid: reading the log from one end to the other, and decoding it.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/testing/v1/events.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "journal/embedded_journal.h"
#include "ledger_log.h"
#include "pages.h"
#include "readmodel/event_decoder.h"
#include "readmodel/read_model.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kEvents = 300'000;

double PerSecond(std::size_t count, absl::Time began) {
  return static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - began);
}

absl::StatusOr<double> RebuildRate(readmodel::ReadModel& read_model, std::size_t events) {
  const absl::Time began = absl::Now();
  ASSIGN_OR_RETURN(const std::vector<readmodel::RebuildResult> results, read_model.Rebuild("", ""));
  const double rate = PerSecond(events, began);
  if (results.size() != 1 || !results[0].equal() || results[0].rows == 0)
    return absl::InternalError("the rebuilt view is another");
  return rate;
}

absl::StatusOr<double> ReadRate(journal::Journal& journal) {
  const absl::Time began = absl::Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader,
                   journal.OpenReader({kContext, 0}, 0));
  std::size_t read = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<journal::StoredRecord> some, reader->Read(256));
    if (some.empty()) return PerSecond(read, began);
    read += some.size();
  }
}

absl::StatusOr<double> DecodeRate(const std::vector<std::string>& records) {
  readmodel::EventDecoder decoder;
  decoder.Want(*testing::v1::LoanNoted::descriptor());
  journal::v1::Record record;
  journal::v1::Commit commit;
  std::size_t events = 0;
  const absl::Time began = absl::Now();
  for (const std::string& bytes : records) {
    if (!record.ParseFromString(bytes)) return absl::DataLossError("a record cannot be read");
    if (!record.has_commit()) continue;
    if (!commit.ParseFromString(record.commit()))
      return absl::DataLossError("a commit cannot be read");
    RETURN_IF_ERROR(decoder.ForEach(
        commit, [&events](const google::protobuf::Message&, const EventMeta&) { ++events; }));
  }
  return PerSecond(events, began);
}

}  // namespace

absl::Status E12(Bench& bench) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e12")));
  Say(absl::StrCat("E12: writing ", kEvents, " events"));
  ASSIGN_OR_RETURN(const LoopResult grown, engine->Grow(kEvents));
  const auto events = static_cast<std::size_t>(grown.answered);
  ASSIGN_OR_RETURN(const std::unique_ptr<Pages> pages,
                   Pages::Open(bench.Folder("e12-views"), engine->journal()));
  ASSIGN_OR_RETURN(const std::vector<std::string> records, ReadRecords(engine->journal()));
  const Measure limit = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const double decode, DecodeRate(records));
    ASSIGN_OR_RETURN(const double read, ReadRate(engine->journal()));
    return std::min(decode, read);
  };
  Row row;
  row.path = "rebuild of a view from the journal";
  row.unit = "events/s";
  row.durability = "rows are derived: written as files, without fsync of each";
  row.note = absl::StrCat(
      events, " events into rows of 10,000 members, served and rebuilt digests compared");
  return bench.Compare(row, [&] { return RebuildRate(pages->read_model(), events); },
                       {{"the slower of decoding alone, reading alone", 0.20, limit}});
}

}  // namespace holdfast::bench
