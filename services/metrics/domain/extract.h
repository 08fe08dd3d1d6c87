// An extract: one month of one dataset, as it was delivered, delivered again, and corrected.
//
//   (nothing) --Open--> staging --Stage…--> --Accept--> accepted      or held (QUARANTINED)
//   --Approve--> accepted accepted --Open (base = the one that counts)--> staging …         staging
//   --Abandon--> as before accepted --Revert--> the revision before counts again, or none
//
// Nothing shows before Accept, all at once after. The decider sees no row it could check against
// the file: it proves by the sums of their digests that base and changes are the file (a multiset:
// order has no part, equal rows count).
//
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"
#include "holdfast/metrics/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::metrics {

struct Extract {
  static constexpr std::string_view kStream = "extract";
  static constexpr unsigned kMaxRowsStaged = 500;
  static constexpr int kMedianMonths = 12;
  using State = v1::ExtractState;
  using Command = std::variant<v1::OpenExtract, v1::StageRows, v1::AcceptExtract,
                               v1::ApproveExtract, v1::AbandonExtract, v1::RevertExtract>;
  using Event = std::variant<v1::ExtractOpened, v1::RowsStaged, v1::ExtractAccepted,
                             v1::ExtractQuarantined, v1::ExtractAbandoned, v1::ExtractReverted>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State&, const v1::OpenExtract&, const DecisionContext&);
  static Decision Decide(const State&, const v1::StageRows&, const DecisionContext&);
  static Decision Decide(const State&, const v1::AcceptExtract&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ApproveExtract&, const DecisionContext&);
  static Decision Decide(const State&, const v1::AbandonExtract&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RevertExtract&, const DecisionContext&);

  // Fills `rows_before` from the extracts of the twelve months before, `territorial` from the
  // dataset.
  static void Resolve(v1::AcceptExtract&, const Neighbours&);

  static void Evolve(State&, const v1::ExtractOpened&);
  static void Evolve(State&, const v1::RowsStaged&);
  static void Evolve(State&, const v1::ExtractAccepted&);
  static void Evolve(State&, const v1::ExtractQuarantined&);
  static void Evolve(State&, const v1::ExtractAbandoned&);
  static void Evolve(State&, const v1::ExtractReverted&);
};
static_assert(Decider<Extract>);

// Why a month waits for a person to accept it (in `reasons`; none: it does not), and the median
// that it was held against (in `median_rows`). More than one line in twenty was rejected; a force's
// own month has no row at all; or it is more than half off the median of the months before, where
// six of the last twelve are there.
v1::ExtractQuarantined ReasonsToHold(const v1::ExtractOpened& opened,
                                     const std::vector<std::uint64_t>& rows_before,
                                     bool territorial);

// "metropolitan-street" and 2016-01 -> "metropolitan-street.2016-01".
std::string ExtractId(std::string_view dataset, const type::v1::Month& month);

}  // namespace holdfast::metrics
