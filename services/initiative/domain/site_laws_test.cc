// Laws of a site that hold after any history: random commands, printed seeds.
#include <random>

#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_fixtures.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

constexpr int kSeeds = 200;
constexpr int kCommands = 60;

class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {
    for (const v1::GateCriteria& version : {CriteriaPublished().criteria()})
      *criteria_.add_versions() = version;
    Site::Evolve(state_, MillLaneCreated());
    Site::Evolve(state_, CouncilSignedUp());
    Site::Evolve(state_, [] {
      v1::SponsorNamed named;
      named.set_duty(type::v1::Duty::SRO);
      named.set_holder_ref("sue");
      return named;
    }());
  }

  // One random command, told twice: the second time nothing may happen.
  void Step() {
    today_ += Number(3);
    context_.today = today_;
    context_.now = LondonMidnight(today_) + absl::Hours(10);
    context_.stream_id = kSiteId;
    context_.actor = Number(2) == 0 ? "sue" : "ann";
    std::visit([this](const auto& command) { Tell(command); }, Random());
    for (const DueAt& due : Site::Due(state_)) {
      if (due.at > context_.now) continue;
      const auto command = Site::OnDue(state_, due);
      ASSERT_TRUE(command.has_value());
      std::visit([this](const auto& asked) { Tell(asked); }, *command);
      for (const DueAt& left : Site::Due(state_)) EXPECT_FALSE(left == due);
    }
  }

  const v1::SiteState& state() const { return state_; }
  int accepted() const { return accepted_; }

 private:
  int Number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  type::v1::Day PastDay() { return ToMessage(today_ - Number(40)); }
  v1::Phase::Code Phase() { return Number(2) == 0 ? v1::Phase::CLEAR : v1::Phase::HOLD; }
  std::string Zone() { return Number(2) == 0 ? "" : "north"; }

  Site::Command Random() {
    const int kind = Number(9);
    if (kind == 0) {
      v1::OpenPhase command = Open(Phase(), Zone());
      *command.mutable_opened_on() = PastDay();
      *command.mutable_resolved() = criteria_;
      return command;
    }
    if (kind == 1) {
      v1::ClosePhase command;
      command.set_phase(Phase());
      command.set_zone(Zone());
      *command.mutable_closed_on() = PastDay();
      return command;
    }
    if (kind == 2) {
      v1::RecordPastPhase command;
      command.set_phase(Phase());
      command.set_zone(Zone());
      *command.mutable_from() = ToMessage(absl::CivilDay(2016, 1, 1) + Number(300));
      *command.mutable_to() = ToMessage(ToDay(command.from()) + Number(60));
      command.set_source("minutes");
      return command;
    }
    if (kind == 3 || kind == 4) {
      v1::RecordEvidence command;
      command.set_criterion(Number(2) == 0 ? "baseline-locked" : "hold-plan");
      command.mutable_ref()->set_id(absl::StrCat("paper-", Number(5)));
      *command.mutable_observed_on() = PastDay();
      *command.mutable_resolved() = criteria_;
      return command;
    }
    if (kind == 5) {
      v1::WithdrawEvidence command;
      command.set_evidence(static_cast<std::uint32_t>(Number(6)));
      command.set_reason("wrong");
      return command;
    }
    if (kind == 6) {
      v1::EvaluateGate command;
      command.set_phase(Phase());
      command.set_zone(Zone());
      *command.mutable_for_day() = PastDay();
      *command.mutable_resolved() = criteria_;
      return command;
    }
    if (kind == 7) {
      v1::OverrideGate command;
      command.set_phase(Phase());
      command.set_zone(Zone());
      command.set_rationale("imminent violence");
      *command.mutable_until() = ToMessage(today_ + Number(5));
      return command;
    }
    v1::CorrectSite command;
    command.set_reason("wrong week");
    command.mutable_episode()->set_episode(static_cast<std::uint32_t>(Number(4)));
    *command.mutable_episode()->mutable_opened_on() = PastDay();
    if (Number(2) == 0) *command.mutable_episode()->mutable_closed_on() = PastDay();
    return command;
  }

  template <class Command>
  void Tell(const Command& command) {
    const Site::Decision first = Site::Decide(state_, command, context_);
    if (!first.has_value()) return;
    if (!first->events.empty()) ++accepted_;
    for (const Site::Event& event : first->events)
      std::visit([this](const auto& fact) { Site::Evolve(state_, fact); }, event);
    const Site::Decision second = Site::Decide(state_, command, context_);
    ASSERT_TRUE(second.has_value()) << command.GetTypeName() << "\n" << command.DebugString();
    EXPECT_TRUE(second->events.empty()) << command.GetTypeName() << "\n" << command.DebugString();
  }

  std::mt19937 random_;
  absl::CivilDay today_{2026, 3, 2};
  DecisionContext context_;
  v1::CriteriaResolved criteria_;
  v1::SiteState state_;
  int accepted_ = 0;
};

void ExpectNoOverlap(const v1::SiteState& state) {
  for (const v1::SiteState::Episode& a : state.episodes()) {
    for (const v1::SiteState::Episode& b : state.episodes()) {
      if (a.number() >= b.number() || a.phase() != b.phase() || !SameZone(a.zone(), b.zone()))
        continue;
      const bool a_first = a.has_closed_on() && ToDay(a.closed_on()) <= ToDay(b.opened_on());
      const bool b_first = b.has_closed_on() && ToDay(b.closed_on()) <= ToDay(a.opened_on());
      EXPECT_TRUE(a_first || b_first) << a.DebugString() << b.DebugString();
    }
    EXPECT_TRUE(!a.has_closed_on() || ToDay(a.opened_on()) <= ToDay(a.closed_on()));
  }
}

TEST(SiteLaws, AskedTwiceIsAskedOnceAndEpisodesNeverOverlap) {
  int accepted = 0;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed);
    bool retrospective = false;
    for (int i = 0; i < kCommands && !HasFatalFailure(); ++i) {
      history.Step();
      // Once retrospective, for good.
      EXPECT_TRUE(!retrospective || history.state().baseline_retrospective());
      retrospective = history.state().baseline_retrospective();
    }
    ExpectNoOverlap(history.state());
    accepted += history.accepted();
    if (HasFailure()) return;
  }
  EXPECT_GT(accepted, kSeeds * 10);  // the histories are not empty
}

}  // namespace
}  // namespace holdfast::initiative
