// kafka topics plan|apply|drift: the registry of topics against a broker. They ask the broker
// itself, no service.
#include <algorithm>
#include <string>
#include <vector>

#include "holdfast/config/v1/kafka.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/shipped_topics.h"
#include "journal/topic_registry.h"

namespace holdfast::cli {
namespace {

using journal::TopicFinding;

constexpr absl::Duration kLimit = absl::Seconds(15);
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::StatusOr<std::uint32_t> CountOf(Invocation& in, const char* option, std::uint32_t most) {
  std::uint32_t count = 0;
  if (!in.Has(option)) return count;
  if (!absl::SimpleAtoi(in.Get(option), &count) || count < 1 || count > most) {
    return UsageError(absl::StrCat(option, " wants a number from 1 to ", most, ", such as 3"));
  }
  return count;
}

absl::StatusOr<std::vector<journal::WantedTopic>> Wanted(Invocation& in) {
  ASSIGN_OR_RETURN(const auto registry, journal::ReadTopicRegistry(ShippedTopicsJson()));
  journal::TopicScope scope;
  scope.tenants = in.GetAll("--for-tenant");
  ASSIGN_OR_RETURN(scope.journal_partitions, CountOf(in, "--partitions", 1024));
  ASSIGN_OR_RETURN(scope.replication, CountOf(in, "--replication", 9));
  return journal::WantedTopics(registry, scope);
}

std::string Outcome(const TopicFinding& finding) {
  switch (finding.kind) {
    case TopicFinding::Kind::kMissing:
      return "missing";
    case TopicFinding::Kind::kDiffers:
      return "differs";
    case TopicFinding::Kind::kAsWanted:
      break;
  }
  return "as wanted";
}

absl::Status NoBroker(Invocation& in, const absl::Status& why) {
  return absl::UnavailableError(
      absl::StrCat("No broker answers at ", in.Get("--bootstrap"), " (", why.message(),
                   "). Start one with ./dev kafka up, or name another with --bootstrap."));
}

absl::StatusOr<std::vector<TopicFinding>> Look(Invocation& in,
                                               const std::vector<journal::WantedTopic>& wanted) {
  auto findings = journal::CompareTopics(in.Get("--bootstrap"), wanted, kLimit);
  if (absl::IsUnavailable(findings.status())) return NoBroker(in, findings.status());
  return findings;
}

int Count(const std::vector<TopicFinding>& findings, TopicFinding::Kind kind) {
  return static_cast<int>(std::ranges::count_if(
      findings, [kind](const TopicFinding& finding) { return finding.kind == kind; }));
}

// A cluster that has just begun answers what is there before it can make anything; one that is not
// there is said at once.
absl::StatusOr<int> MakeOnceItCan(Invocation& in, const std::vector<journal::WantedTopic>& wanted) {
  const absl::Time until = absl::Now() + kPatience;
  while (true) {
    RETURN_IF_ERROR(Look(in, wanted).status());
    const auto made = journal::MakeMissingTopics(in.Get("--bootstrap"), wanted, kLimit);
    if (!absl::IsUnavailable(made.status())) return made;
    if (absl::Now() >= until) return NoBroker(in, made.status());
    Say("the cluster does not make topics yet; trying again");
  }
}

// Brokers hear of a new topic one after the other.
absl::StatusOr<std::vector<TopicFinding>> LookUntilThere(
    Invocation& in, const std::vector<journal::WantedTopic>& wanted) {
  const absl::Time until = absl::Now() + kLimit;
  while (true) {
    ASSIGN_OR_RETURN(auto findings, Look(in, wanted));
    if (Count(findings, TopicFinding::Kind::kMissing) == 0 || absl::Now() >= until) {
      return findings;
    }
    absl::SleepFor(absl::Milliseconds(200));
  }
}

absl::Status Print(Invocation& in, const std::vector<TopicFinding>& findings) {
  Rows rows{{"topic", "state", "what", "found", "wanted"}, {}, {}};
  for (const TopicFinding& finding : findings) {
    rows.rows.push_back(
        {finding.topic, Outcome(finding), finding.what, finding.found, finding.wanted});
  }
  return in.output().Print(rows);
}

absl::Status Differences(int differs) {
  return absl::FailedPreconditionError(absl::StrCat(
      differs, differs == 1 ? " setting is" : " settings are",
      " otherwise than the registry says; nothing here changes a topic that is there: mend it with "
      "the broker's own tools, then look again with: holdfast kafka topics drift"));
}

absl::Status Plan(Invocation& in) {
  ASSIGN_OR_RETURN(const auto wanted, Wanted(in));
  ASSIGN_OR_RETURN(const auto findings, Look(in, wanted));
  const int missing = Count(findings, TopicFinding::Kind::kMissing);
  Say(absl::StrCat("planned, nothing made: ", missing, " of ", wanted.size(), " topics are missing",
                   missing > 0 ? ". Make them with: kafka topics apply" : ""));
  return Print(in, findings);
}

absl::Status Apply(Invocation& in) {
  ASSIGN_OR_RETURN(const auto wanted, Wanted(in));
  ASSIGN_OR_RETURN(const int made, MakeOnceItCan(in, wanted));
  ASSIGN_OR_RETURN(const auto findings, LookUntilThere(in, wanted));
  Say(absl::StrCat(made, " of ", wanted.size(), " topics made"));
  RETURN_IF_ERROR(Print(in, findings));
  const int differs = Count(findings, TopicFinding::Kind::kDiffers);
  return differs == 0 ? absl::OkStatus() : Differences(differs);
}

absl::Status Drift(Invocation& in) {
  ASSIGN_OR_RETURN(const auto wanted, Wanted(in));
  ASSIGN_OR_RETURN(const auto findings, Look(in, wanted));
  RETURN_IF_ERROR(Print(in, findings));
  const int missing = Count(findings, TopicFinding::Kind::kMissing);
  const int differs = Count(findings, TopicFinding::Kind::kDiffers);
  if (missing > 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(missing, " of ", wanted.size(),
                     " topics are missing; make them with: holdfast kafka topics apply"));
  }
  return differs == 0 ? absl::OkStatus() : Differences(differs);
}

}  // namespace

Commands KafkaCommands() {
  const std::vector<Option> options = {
      {"--bootstrap", "HOST:PORT", "The brokers, several by commas", true},
      {"--for-tenant", "TENANT", "Its public topics, too", false, true},
      {"--partitions", "N", "Of each journal, instead of the registry's"},
      {"--replication", "N", "Copies, instead of the registry's: a small cluster's"}};
  return {
      {"kafka topics plan",
       "Which topics the broker lacks, and which are otherwise",
       {},
       options,
       "holdfast kafka topics plan --bootstrap 127.0.0.1:19092",
       Plan},
      {"kafka topics apply",
       "Make the topics that are missing; what is there is never changed",
       {},
       options,
       "holdfast kafka topics apply --bootstrap 127.0.0.1:19092",
       Apply},
      {"kafka topics drift",
       "Is every topic as the registry says? Exit 5 where one is not",
       {},
       options,
       "holdfast kafka topics drift --bootstrap 127.0.0.1:19092",
       Drift},
  };
}

}  // namespace holdfast::cli
