#include "metrics/domain/reference_set.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using State = v1::ReferenceState;

bool SameDay(const type::v1::Day& a, const type::v1::Day& b) {
  return a.year() == b.year() && a.month() == b.month() && a.day() == b.day();
}

bool SameSet(const type::v1::AreaSet& a, const type::v1::AreaSet& b) {
  return a.kind() == b.kind() && a.vintage() == b.vintage();
}

bool SameFile(const v1::ReferenceSetOpened& open, const v1::OpenReference& command) {
  return open.sha256() == command.sha256() && open.rows() == command.rows() &&
         open.kind() == command.kind() && SameDay(open.valid_from(), command.valid_from()) &&
         SameSet(open.area_set(), command.area_set()) && open.keyed_by() == command.keyed_by();
}

// The version and the file are of the same areas and count from the same day.
bool CountTogether(const State::Version& version, const type::v1::AreaSet& set,
                   const type::v1::Day& valid_from) {
  return SameSet(version.area_set(), set) && SameDay(version.valid_from(), valid_from);
}

// Why a key cannot come again in a file that joins the set.
Refusal::Code HeldAlready(v1::ReferenceKind::Code kind) {
  // Boundaries of one vintage never change: a change is another vintage.
  return kind == v1::ReferenceKind::GEOGRAPHY ? Refusal::CONTENT_DIFFERS
                                              : Refusal::OVERLAPPING_VALIDITY;
}

v1::ReferenceSetOpened OpenedBy(const v1::OpenReference& command, std::uint32_t version) {
  v1::ReferenceSetOpened opened;
  opened.set_set(command.set());
  opened.set_kind(command.kind());
  opened.set_version(version);
  *opened.mutable_area_set() = command.area_set();
  opened.set_title(command.title());
  opened.set_source(command.source());
  opened.set_sha256(command.sha256());
  opened.set_rows(command.rows());
  *opened.mutable_valid_from() = command.valid_from();
  opened.set_verification(command.verification());
  opened.set_keyed_by(command.keyed_by());
  return opened;
}

// The keys of the versions that the one being staged joins.
std::set<std::string_view> KeysJoined(const State& now) {
  const v1::ReferenceSetOpened& opened = now.staging().opened();
  std::set<std::string_view> keys;
  for (const auto& version : now.published()) {
    if (!CountTogether(version, opened.area_set(), opened.valid_from())) continue;
    keys.insert(version.codes().begin(), version.codes().end());
  }
  return keys;
}

// The rules that rows and features share: the right piece, each code once.
template <class Rows, class CodeOf>
std::optional<Refusal::Code> RefuseStage(const State& now, std::uint32_t seq, const Rows& rows,
                                         CodeOf code_of) {
  if (!now.has_staging()) return Refusal::WRONG_STATE;
  if (seq > now.staging().next_seq()) return Refusal::OUT_OF_ORDER;
  std::set<std::string_view> codes(now.staging().codes().begin(), now.staging().codes().end());
  const std::set<std::string_view> joined = KeysJoined(now);
  for (const auto& row : rows) {
    if (code_of(row).empty()) return Refusal::REQUIRED;
    if (joined.contains(code_of(row))) return HeldAlready(now.staging().opened().kind());
    if (!codes.insert(code_of(row)).second) return Refusal::DUPLICATE_CODE;
  }
  return std::nullopt;
}

}  // namespace

ReferenceSet::Decision ReferenceSet::Decide(const State& now, const v1::OpenReference& command,
                                            const DecisionContext&) {
  if (command.kind() == v1::ReferenceKind::CODE_UNSPECIFIED) {
    return Refuse(Refusal::REQUIRED, "kind");
  }
  if (command.rows() == 0) return Refuse(Refusal::REQUIRED, "rows");
  for (const auto& version : now.published()) {
    if (!CountTogether(version, command.area_set(), command.valid_from())) continue;
    if (version.sha256() == command.sha256()) return {};  // published already
    // Rows of other areas join those that are there; a set of another key is replaced as a whole.
    if (command.keyed_by() == v1::KeyedBy::AREA) continue;
    return Refuse(Refusal::OVERLAPPING_VALIDITY, "valid_from");
  }
  if (now.has_staging() && SameFile(now.staging().opened(), command)) return {};  // goes on
  holdfast::Facts<Event, Refusal::Code> facts;
  if (now.has_staging()) {
    v1::ReferenceSetAbandoned abandoned;
    abandoned.set_version(now.staging().opened().version());
    facts.Add(abandoned);
  }
  facts.Add(OpenedBy(command, now.last_version() + 1));
  return facts;
}

ReferenceSet::Decision ReferenceSet::Decide(const State& now, const v1::StageReferenceRows& command,
                                            const DecisionContext&) {
  if (now.has_staging() && command.seq() < now.staging().next_seq()) return {};
  if (const auto code = RefuseStage(
          now, command.seq(), command.rows(),
          [](const v1::ReferenceRow& row) -> const std::string& { return row.key(); })) {
    return Refuse(*code, "rows");
  }
  if (std::ranges::any_of(command.rows(),
                          [](const v1::ReferenceRow& row) { return row.amount_e6() < 0; })) {
    return Refuse(Refusal::UNKNOWN_CODE, "rows", "no amount below zero");
  }
  v1::ReferenceRowsStaged staged;
  staged.set_version(now.staging().opened().version());
  staged.set_seq(command.seq());
  *staged.mutable_rows() = command.rows();
  return staged;
}

ReferenceSet::Decision ReferenceSet::Decide(const State& now, const v1::StageFeatures& command,
                                            const DecisionContext&) {
  if (now.has_staging() && command.seq() < now.staging().next_seq()) return {};
  if (const auto code = RefuseStage(
          now, command.seq(), command.features(),
          [](const v1::Feature& feature) -> const std::string& { return feature.code(); })) {
    return Refuse(*code, "features");
  }
  v1::FeaturesStaged staged;
  staged.set_version(now.staging().opened().version());
  staged.set_seq(command.seq());
  *staged.mutable_features() = command.features();
  return staged;
}

ReferenceSet::Decision ReferenceSet::Decide(const State& now, const v1::PublishReference&,
                                            const DecisionContext&) {
  if (!now.has_staging()) {
    if (!now.published().empty()) return {};
    return Refuse(Refusal::WRONG_STATE);
  }
  const v1::ReferenceSetOpened& opened = now.staging().opened();
  if (now.staging().rows() != opened.rows()) return Refuse(Refusal::ROW_COUNT_MISMATCH);
  v1::ReferenceSetPublished published;
  published.set_set(opened.set());
  published.set_kind(opened.kind());
  published.set_version(opened.version());
  *published.mutable_area_set() = opened.area_set();
  published.set_title(opened.title());
  published.set_source(opened.source());
  published.set_sha256(opened.sha256());
  published.set_rows(opened.rows());
  *published.mutable_valid_from() = opened.valid_from();
  published.set_verification(opened.verification());
  published.set_keyed_by(opened.keyed_by());
  if (opened.kind() == v1::ReferenceKind::GEOGRAPHY) {
    *published.mutable_codes() = now.staging().codes();
  }
  return published;
}

ReferenceSet::Decision ReferenceSet::Decide(const State& now, const v1::AbandonReference&,
                                            const DecisionContext&) {
  if (!now.has_staging()) return {};
  v1::ReferenceSetAbandoned abandoned;
  abandoned.set_version(now.staging().opened().version());
  return abandoned;
}

void ReferenceSet::Evolve(State& state, const v1::ReferenceSetOpened& event) {
  state.mutable_staging()->Clear();
  *state.mutable_staging()->mutable_opened() = event;
  state.set_last_version(event.version());
}

void ReferenceSet::Evolve(State& state, const v1::ReferenceRowsStaged& event) {
  State::Staging& staging = *state.mutable_staging();
  staging.set_next_seq(event.seq() + 1);
  staging.set_rows(staging.rows() + static_cast<std::uint32_t>(event.rows_size()));
  for (const auto& row : event.rows()) staging.add_codes(row.key());
}

void ReferenceSet::Evolve(State& state, const v1::FeaturesStaged& event) {
  State::Staging& staging = *state.mutable_staging();
  staging.set_next_seq(event.seq() + 1);
  staging.set_rows(staging.rows() + static_cast<std::uint32_t>(event.features_size()));
  for (const auto& feature : event.features()) staging.add_codes(feature.code());
}

void ReferenceSet::Evolve(State& state, const v1::ReferenceSetPublished& event) {
  State::Version& version = *state.add_published();
  version.set_version(event.version());
  version.set_sha256(event.sha256());
  *version.mutable_valid_from() = event.valid_from();
  *version.mutable_area_set() = event.area_set();
  if (event.keyed_by() == v1::KeyedBy::AREA) *version.mutable_codes() = state.staging().codes();
  state.clear_staging();
}

void ReferenceSet::Evolve(State& state, const v1::ReferenceSetAbandoned&) {
  state.clear_staging();
}

}  // namespace holdfast::metrics
