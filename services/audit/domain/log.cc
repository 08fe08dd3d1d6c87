#include "audit/domain/log.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace holdfast::audit {
namespace {

// What the law wants of every entry (Data Protection Act 2018 s.62(2)).
void CheckRecord(const v1::AuditRecord& record, const std::string& field,
                 Refused<v1::Refusal::Code>& faults) {
  const auto require = [&](bool there, std::string_view what) {
    if (!there) faults.reasons.push_back({v1::Refusal::REQUIRED, field + std::string(what), ""});
  };
  require(record.has_time(), ".time");
  require(record.verbs_size() > 0, ".verbs");
  require(!record.method().empty(), ".method");
  require(!record.decision_id().empty(), ".decision_id");
  require(record.outcome() != v1::Outcome::CODE_UNSPECIFIED, ".outcome");
}

}  // namespace

Log::Decision Log::Decide(const State& now, const v1::RecordAccess& command,
                          const DecisionContext&) {
  Refused<Refusal::Code> faults;
  if (command.records().empty()) faults.reasons.push_back({Refusal::REQUIRED, "records", ""});
  for (int i = 0; i < command.records_size(); ++i)
    CheckRecord(command.records(i), absl::StrCat("records[", i, "]"), faults);
  if (!faults.reasons.empty()) return tl::unexpected(std::move(faults));
  Facts<Event, Refusal::Code> facts;
  std::uint64_t index = now.leaves();
  for (const v1::AuditRecord& record : command.records()) {
    v1::AccessRecorded recorded;
    recorded.set_index(index++);
    *recorded.mutable_record() = record;
    facts.Add(std::move(recorded));
  }
  return facts;
}

void Log::Evolve(State& state, const v1::AccessRecorded& event) {
  state.set_leaves(event.index() + 1);
}

}  // namespace holdfast::audit
