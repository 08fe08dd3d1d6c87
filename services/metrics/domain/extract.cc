#include "metrics/domain/extract.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/civil_time.h"
#include "metrics/domain/dataset.h"
#include "metrics/domain/digest_sum.h"
#include "metrics/domain/row_block.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using State = v1::ExtractState;

constexpr std::size_t kMonthsForMedian = 6;
constexpr std::uint64_t kMedianFloor = 100;

const State::Revision* Current(const State& state) {
  return state.accepted().empty() ? nullptr : &*state.accepted().rbegin();
}

absl::CivilMonth MonthOf(const type::v1::Month& month) {
  return absl::CivilMonth(month.year(), month.month());
}

// How many lines a piece brings to the month, cancelled ones taken off.
std::int64_t Balance(const v1::RowsStaged& staged) {
  return static_cast<std::int64_t>(staged.recorded().rows()) -
         static_cast<std::int64_t>(staged.cancelled().rows());
}

std::uint64_t LinesOf(const v1::RowsStaged& staged) {
  return std::uint64_t{staged.recorded().rows()} + staged.cancelled().rows() +
         staged.reclassified().to().rows() + staged.outcome_changed().to().rows() +
         staged.relocated().to().rows() + staged.resolved().rows();
}

// Whether rows are resolved in the same sets, by the same versions of them.
template <class A, class B>
bool SameAreas(const A& a, const B& b) {
  const auto version = [](const auto& of, int i) {
    return i < of.area_set_versions_size() ? of.area_set_versions(i) : 1U;
  };
  if (a.area_sets_size() != b.area_sets_size()) return false;
  for (int i = 0; i < a.area_sets_size(); ++i) {
    if (a.area_sets(i).kind() != b.area_sets(i).kind()) return false;
    if (a.area_sets(i).vintage() != b.area_sets(i).vintage()) return false;
    if (version(a, i) != version(b, i)) return false;
  }
  return true;
}

bool SameDelivery(const v1::ExtractOpened& open, const v1::OpenExtract& command) {
  return SameAreas(open, command) && open.file_sha256() == command.file_sha256() &&
         open.digest() == command.digest() && open.rows() == command.rows() &&
         open.base() == command.base() && open.mode() == command.mode();
}

bool IsContentOf(const State::Revision& current, const v1::OpenExtract& command) {
  if (current.digest() != command.digest() || current.rows() != command.rows()) return false;
  return command.mode() != v1::Extract::RELOCATION || SameAreas(current, command);
}

std::uint64_t Median(std::vector<std::uint64_t> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// The rows of a month, had it been whole; a PARTIAL one is scaled by its days.
double ScaledRows(const v1::ExtractOpened& opened) {
  const auto rows = static_cast<double>(opened.rows());
  if (!opened.has_through() || opened.through().day() <= 0) return rows;
  const absl::CivilMonth month = MonthOf(opened.month());
  const auto days = static_cast<double>(absl::CivilDay(month + 1) - absl::CivilDay(month));
  return rows * days / static_cast<double>(opened.through().day());
}

std::optional<v1::ExtractQuarantined> HoldBack(const v1::ExtractOpened& opened,
                                               const v1::AcceptExtract& command) {
  v1::ExtractQuarantined held = ReasonsToHold(
      opened, {command.rows_before().begin(), command.rows_before().end()}, command.territorial());
  if (held.reasons().empty()) return std::nullopt;
  held.set_dataset_id(opened.dataset_id());
  *held.mutable_month() = opened.month();
  held.set_revision(opened.revision());
  held.set_rows(opened.rows());
  held.set_rejected(opened.rejected());
  return held;
}

v1::ExtractAccepted AcceptedOf(const v1::ExtractOpened& opened) {
  v1::ExtractAccepted accepted;
  accepted.set_dataset_id(opened.dataset_id());
  *accepted.mutable_month() = opened.month();
  accepted.set_revision(opened.revision());
  accepted.set_base(opened.base());
  accepted.set_rows(opened.rows());
  accepted.set_digest(opened.digest());
  accepted.set_file_sha256(opened.file_sha256());
  return accepted;
}

}  // namespace

v1::ExtractQuarantined ReasonsToHold(const v1::ExtractOpened& opened,
                                     const std::vector<std::uint64_t>& rows_before,
                                     bool territorial) {
  v1::ExtractQuarantined held;
  if (opened.rejected() * 20 > opened.rows() + opened.rejected()) {
    held.add_reasons(v1::ExtractQuarantined::TOO_MANY_REJECTED);
  }
  if (territorial && opened.rows() + opened.rejected() == 0) {
    held.add_reasons(v1::ExtractQuarantined::NO_ROWS);
  }
  if (rows_before.size() >= kMonthsForMedian) {
    const std::uint64_t median = Median(rows_before);
    const double off = ScaledRows(opened) - static_cast<double>(median);
    held.set_median_rows(median);
    if (median >= kMedianFloor && (off < 0 ? -off : off) > 0.5 * static_cast<double>(median)) {
      held.add_reasons(v1::ExtractQuarantined::FAR_FROM_MEDIAN);
    }
  }
  return held;
}

std::string ExtractId(std::string_view dataset, const type::v1::Month& month) {
  std::string id(dataset);
  id.push_back('.');
  id.append(FormatMonth(MonthOf(month)));
  return id;
}

Extract::Decision Extract::Decide(const State& now, const v1::OpenExtract& command,
                                  const DecisionContext& context) {
  if (command.month().month() < 1 || command.month().month() > 12) {
    return Refuse(Refusal::UNKNOWN_CODE, "month", "1 to 12");
  }
  if (ExtractId(command.dataset_id(), command.month()) != command.extract_id()) {
    return Refuse(Refusal::UNKNOWN_CODE, "extract_id", "dataset.month");
  }
  if (absl::CivilDay(MonthOf(command.month())) > context.today) {
    return Refuse(Refusal::IN_FUTURE, "month");
  }
  if (now.has_staging()) {
    if (SameDelivery(now.staging().opened(), command)) return {};  // it goes on at next_seq
    return Refuse(Refusal::REVISION_OPEN);
  }
  const State::Revision* current = Current(now);
  if (current != nullptr && IsContentOf(*current, command)) return {};  // the same content
  if (command.base() != (current == nullptr ? 0 : current->revision())) {
    return Refuse(Refusal::BASE_NOT_CURRENT, "base");
  }
  if (command.revision() != now.last_revision() + 1) {
    return Refuse(Refusal::OUT_OF_ORDER, "revision", "one more than the last");
  }
  v1::ExtractOpened opened;
  opened.set_dataset_id(command.dataset_id());
  *opened.mutable_month() = command.month();
  opened.set_mode(command.mode());
  opened.set_revision(command.revision());
  opened.set_base(command.base());
  opened.set_file_sha256(command.file_sha256());
  opened.set_file_name(command.file_name());
  opened.set_rows(command.rows());
  opened.set_rejected(command.rejected());
  opened.set_digest(command.digest());
  if (command.has_through()) *opened.mutable_through() = command.through();
  opened.set_import_id(command.import_id());
  *opened.mutable_area_sets() = command.area_sets();
  *opened.mutable_area_set_versions() = command.area_set_versions();
  opened.set_with_point(command.with_point());
  return opened;
}

Extract::Decision Extract::Decide(const State& now, const v1::StageRows& command,
                                  const DecisionContext&) {
  if (!now.has_staging() || now.staging().quarantined()) return Refuse(Refusal::WRONG_STATE);
  const v1::RowsStaged& rows = command.rows();
  if (rows.revision() != now.staging().opened().revision()) {
    return Refuse(Refusal::WRONG_STATE, "rows.revision", "the one that is open");
  }
  if (rows.seq() < now.staging().next_seq()) return {};  // staged before
  if (rows.seq() > now.staging().next_seq()) {
    return Refuse(Refusal::OUT_OF_ORDER, "rows.seq", "the next piece");
  }
  if (LinesOf(rows) > kMaxRowsStaged) return Refuse(Refusal::TOO_MANY_ROWS, "rows");
  if (!IsWellFormed(rows)) return Refuse(Refusal::BAD_BLOCK, "rows");
  v1::RowsStaged staged = rows;
  staged.set_dataset_id(now.staging().opened().dataset_id());
  *staged.mutable_month() = now.staging().opened().month();
  return staged;
}

Extract::Decision Extract::Decide(const State& now, const v1::AcceptExtract& command,
                                  const DecisionContext&) {
  if (!now.has_staging()) {
    const State::Revision* current = Current(now);
    if (current != nullptr && current->revision() == command.revision()) return {};
    return Refuse(Refusal::WRONG_STATE);
  }
  const State::Staging& staging = now.staging();
  if (staging.opened().revision() != command.revision()) {
    return Refuse(Refusal::WRONG_STATE, "revision", "the one that is open");
  }
  if (staging.quarantined()) return {};  // it is held already
  if (staging.rows() != static_cast<std::int64_t>(staging.opened().rows())) {
    return Refuse(Refusal::ROW_COUNT_MISMATCH);
  }
  if (staging.digest() != staging.opened().digest()) return Refuse(Refusal::DIGEST_MISMATCH);
  if (staging.opened().mode() != v1::Extract::RELOCATION) {
    if (auto held = HoldBack(staging.opened(), command)) return *std::move(held);
  }
  return AcceptedOf(staging.opened());
}

Extract::Decision Extract::Decide(const State& now, const v1::ApproveExtract& command,
                                  const DecisionContext& context) {
  const State::Revision* current = Current(now);
  if (!now.has_staging() && current != nullptr && current->revision() == command.revision()) {
    return {};
  }
  if (!now.has_staging() || !now.staging().quarantined() ||
      now.staging().opened().revision() != command.revision()) {
    return Refuse(Refusal::WRONG_STATE);
  }
  v1::ExtractAccepted accepted = AcceptedOf(now.staging().opened());
  accepted.set_approved_by(std::string(context.actor));
  accepted.set_reason(command.reason());
  return accepted;
}

Extract::Decision Extract::Decide(const State& now, const v1::AbandonExtract& command,
                                  const DecisionContext&) {
  if (!now.has_staging()) {
    if (command.revision() <= now.last_revision()) return {};
    return Refuse(Refusal::WRONG_STATE);
  }
  if (now.staging().opened().revision() != command.revision()) {
    return Refuse(Refusal::WRONG_STATE, "revision", "the one that is open");
  }
  v1::ExtractAbandoned abandoned;
  abandoned.set_dataset_id(now.staging().opened().dataset_id());
  *abandoned.mutable_month() = now.staging().opened().month();
  abandoned.set_revision(command.revision());
  abandoned.set_reason(command.reason());
  return abandoned;
}

Extract::Decision Extract::Decide(const State& now, const v1::RevertExtract& command,
                                  const DecisionContext& context) {
  if (now.has_staging()) return Refuse(Refusal::REVISION_OPEN);
  const bool counted = std::ranges::any_of(now.accepted(), [&](const State::Revision& revision) {
    return revision.revision() == command.revision();
  });
  if (!counted && command.revision() > 0 && command.revision() <= now.last_revision()) return {};
  const State::Revision* current = Current(now);
  if (current == nullptr || current->revision() != command.revision()) {
    return Refuse(Refusal::NOT_CURRENT, "revision");
  }
  v1::ExtractReverted reverted;
  const std::string_view id = context.stream_id;
  const std::size_t dot = id.rfind('.');
  reverted.set_dataset_id(std::string(id.substr(0, dot)));
  if (const auto month = ParseMonth(id.substr(dot + 1))) {
    reverted.mutable_month()->set_year(static_cast<std::int32_t>(month->year()));
    reverted.mutable_month()->set_month(month->month());
  }
  reverted.set_revision(command.revision());
  reverted.set_to_revision(current->base());
  reverted.set_reason(command.reason());
  return reverted;
}

void Extract::Resolve(v1::AcceptExtract& command, const Neighbours& neighbours) {
  command.clear_rows_before();
  command.clear_territorial();
  const std::string_view id = command.extract_id();
  const std::size_t dot = id.rfind('.');
  if (dot == std::string_view::npos) return;
  const auto month = ParseMonth(id.substr(dot + 1));
  if (!month) return;
  const v1::DatasetState* dataset = neighbours.Find<Dataset>(id.substr(0, dot));
  command.set_territorial(dataset != nullptr && dataset->registered().territorial());
  for (int back = 1; back <= kMedianMonths; ++back) {
    std::string before(id.substr(0, dot + 1));
    before.append(FormatMonth(*month - back));
    const State* state = neighbours.Find<Extract>(before);
    if (state == nullptr) continue;
    if (const State::Revision* current = Current(*state)) {
      command.add_rows_before(current->rows());
    }
  }
}

void Extract::Evolve(State& state, const v1::ExtractOpened& event) {
  const State::Revision* base = Current(state);
  State::Staging& staging = *state.mutable_staging();
  staging.Clear();
  *staging.mutable_opened() = event;
  if (base != nullptr) {
    staging.set_rows(static_cast<std::int64_t>(base->rows()));
    staging.set_digest(base->digest());
  } else {
    staging.set_digest(AddDigests("", ""));
  }
  state.set_last_revision(event.revision());
}

void Extract::Evolve(State& state, const v1::RowsStaged& event) {
  State::Staging& staging = *state.mutable_staging();
  staging.set_next_seq(event.seq() + 1);
  staging.set_rows(staging.rows() + Balance(event));
  staging.set_digest(
      SubtractDigests(AddDigests(staging.digest(), event.digest_added()), event.digest_removed()));
}

void Extract::Evolve(State& state, const v1::ExtractAccepted& event) {
  State::Revision& revision = *state.add_accepted();
  revision.set_revision(event.revision());
  revision.set_base(event.base());
  revision.set_rows(event.rows());
  revision.set_digest(event.digest());
  revision.set_file_sha256(event.file_sha256());
  *revision.mutable_area_sets() = state.staging().opened().area_sets();
  *revision.mutable_area_set_versions() = state.staging().opened().area_set_versions();
  state.clear_staging();
}

void Extract::Evolve(State& state, const v1::ExtractQuarantined&) {
  state.mutable_staging()->set_quarantined(true);
}

void Extract::Evolve(State& state, const v1::ExtractAbandoned&) {
  state.clear_staging();
}

void Extract::Evolve(State& state, const v1::ExtractReverted&) {
  if (!state.accepted().empty()) state.mutable_accepted()->RemoveLast();
}

}  // namespace holdfast::metrics
