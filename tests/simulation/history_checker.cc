#include "history_checker.h"

#include <algorithm>
#include <set>
#include <utility>

#include "holdfast/testing/v1/events.pb.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/timestamps.h"
#include "eventsourcing/command_ids.h"
#include "node.h"
#include "replayed_tenant.h"
#include "replayed_view.h"

namespace holdfast::simulation {
namespace {

using eventsourcing::CommandAnswer;

constexpr std::size_t kAtMost = 8;  // sentences

class Checker {
 public:
  Checker(const History& history, const std::map<std::string, AcceptedHistory>& accepted,
          const eventsourcing::StreamTypes& streams)
      : history_(history), accepted_(accepted), streams_(streams) {
    for (std::size_t i = 0; i < history_.operations.size(); ++i)
      by_id_[std::string(AsBytes(history_.operations[i].id))] = i;
  }

  std::vector<std::string> Run() {
    for (const std::string& complaint : history_.complaints) Say(complaint);
    for (const auto& [context, partition] : accepted_) {
      for (const auto& [tenant, commits] : partition.by_tenant()) Tenant(context, tenant, commits);
    }
    for (const Attempt& attempt : history_.attempts) Acknowledged(attempt);
    Answers();
    Reactions();
    Digests();
    Views();
    return std::move(sentences_);
  }

 private:
  void Say(std::string sentence) {
    if (sentences_.size() < kAtMost) sentences_.push_back(std::move(sentence));
  }

  const std::vector<AcceptedCommit>& CommitsOf(const std::string& context,
                                               const std::string& tenant) const {
    static const std::vector<AcceptedCommit> none;
    const auto partition = accepted_.find(context);
    if (partition == accepted_.end()) return none;
    const auto found = partition->second.by_tenant().find(tenant);
    return found == partition->second.by_tenant().end() ? none : found->second;
  }

  // H2, H3 of what was accepted, H4, H6.
  void Tenant(const std::string& context, const std::string& tenant,
              const std::vector<AcceptedCommit>& commits) {
    ReplayedTenant replayed(streams_);
    std::set<std::string> ids;
    std::uint64_t seq = 0;
    Hash head{};
    for (const AcceptedCommit& accepted : commits) {
      const journal::v1::Commit& commit = accepted.commit;
      const std::string where = absl::StrCat(context, "/", tenant, " seq ", commit.seq(), ": ");
      if (commit.seq() != ++seq) Say(absl::StrCat("H4 ", where, "follows seq ", seq - 1));
      if (commit.prev_hash() != AsBytes(head)) Say(absl::StrCat("H4 ", where, "breaks the chain"));
      head = journal::ChainHash(head, accepted.bytes);
      if (!ids.insert(commit.command_id()).second)
        Say(absl::StrCat("H2 ", where, "its command was accepted before"));
      Decision(where, commit, replayed);
      if (const std::string wrong = replayed.Apply(commit); !wrong.empty())
        Say(absl::StrCat("H4 ", where, wrong));
      ForeignBytes(where, tenant, accepted.bytes);
    }
  }

  // A commit holds exactly what its command brings about on the history before it.
  void Decision(const std::string& where, const journal::v1::Commit& commit,
                const ReplayedTenant& before) {
    const auto found = by_id_.find(commit.command_id());
    if (found == by_id_.end()) {
      if (!commit.has_caused_by()) Timer(where, commit, before);
      return;
    }
    const Operation& operation = history_.operations[found->second];
    const absl::Time at = ToTime(commit.recorded_at());
    const ReplayedTenant::Said said = before.Decide(*operation.command, at);
    bool same = said.refused.empty() && said.stream == commit.stream() &&
                said.events.size() == static_cast<std::size_t>(commit.events_size());
    for (int i = 0; same && i < commit.events_size(); ++i) {
      const auto& event = *said.events[static_cast<std::size_t>(i)];
      same = event.GetDescriptor()->full_name() == commit.events(i).type() &&
             event.SerializeAsString() == commit.events(i).payload();
    }
    if (!same)
      Say(absl::StrCat("H3 ", where, "was not decided on the history before it (",
                       operation.command->GetDescriptor()->name(), ")"));
    if (operation.expected_version && *operation.expected_version + 1 != commit.version())
      Say(absl::StrCat("H3 ", where, "was accepted at another version than expected"));
  }

  void Timer(const std::string& where, const journal::v1::Commit& commit,
             const ReplayedTenant& before) {
    const google::protobuf::Message* state = before.MessageOf(commit.stream());
    const absl::Time at = ToTime(commit.recorded_at());
    const eventsourcing::StreamType* type = streams_.OfStream(commit.stream());
    if (state == nullptr || type == nullptr || commit.actor_ref() != "timer")
      return Say(absl::StrCat("H3 ", where, "nobody asked for it"));
    const std::vector<DueAt> due = type->due(*state);
    const bool was_due =
        std::any_of(due.begin(), due.end(), [&](const DueAt& one) { return one.at <= at; });
    if (!was_due) Say(absl::StrCat("H3 ", where, "the timer was not due"));
  }

  void ForeignBytes(const std::string& where, const std::string& tenant, const std::string& bytes) {
    for (const auto& [context, partition] : accepted_) {
      for (const auto& [other, commits] : partition.by_tenant()) {
        if (other != tenant && bytes.find(other) != std::string::npos)
          Say(absl::StrCat("H6 ", where, "holds a word of ", other));
      }
    }
  }

  // H1, and H3 of receipts: what was acknowledged is accepted, where the receipt says.
  void Acknowledged(const Attempt& attempt) {
    if (!attempt.answer || !attempt.answer->ok() || (*attempt.answer)->already_so()) return;
    const Operation& operation = history_.operations[attempt.operation];
    const type::v1::Receipt& receipt = **attempt.answer;
    const std::vector<AcceptedCommit>& commits = CommitsOf(operation.context, operation.tenant);
    const std::string where = absl::StrCat(operation.context, "/", operation.tenant, " seq ",
                                           receipt.position().seq(), ": ");
    const auto found =
        std::find_if(commits.begin(), commits.end(), [&](const AcceptedCommit& accepted) {
          return accepted.commit.command_id() == AsBytes(operation.id);
        });
    if (found == commits.end())
      return Say(absl::StrCat("H1 ", where, "was acknowledged by node ", attempt.node,
                              " and is not accepted"));
    const journal::v1::Commit& commit = found->commit;
    const bool same = receipt.position().seq() == commit.seq() &&
                      receipt.stream() == commit.stream() &&
                      receipt.version() == commit.version() &&
                      std::equal(receipt.warnings().begin(), receipt.warnings().end(),
                                 commit.warnings().begin(), commit.warnings().end());
    if (!same) Say(absl::StrCat("H3 ", where, "the receipt says another place than history"));
    if (attempt.seq_at_answer < commit.seq())
      Say(absl::StrCat("H1 ", where, "was acknowledged before it was accepted"));
  }

  // One answer that changed nothing must be right at some prefix between invoke and answer.
  struct Claim {
    const Attempt* attempt = nullptr;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    bool met = false;
  };

  void Answers() {
    std::map<TenantOf, std::vector<Claim>> claims;
    for (const Attempt& attempt : history_.attempts) {
      const Operation& operation = history_.operations[attempt.operation];
      if (!attempt.answer || !IsClaim(operation, attempt)) continue;
      Claim claim{&attempt, attempt.known_seq, attempt.seq_at_answer, false};
      if (attempt.answer->ok()) {
        const std::uint64_t said = (*attempt.answer)->position().seq();
        claim.from = std::max(claim.from, said);
        claim.to = std::min(claim.to, said);
      }
      claims[{operation.context, operation.tenant}].push_back(claim);
    }
    std::map<TenantOf, std::vector<const SeenState*>> seen;
    for (const SeenState& state : history_.states)
      seen[{state.context, state.tenant}].push_back(&state);
    for (const auto& [of, partition] : accepted_) {
      for (const auto& [tenant, commits] : partition.by_tenant()) {
        (void)claims[{of, tenant}];
        (void)commits;
      }
    }
    for (auto& [of, of_tenant] : claims) Replay(of, of_tenant, seen[of]);
  }

  bool IsClaim(const Operation& operation, const Attempt& attempt) {
    const CommandAnswer& answer = *attempt.answer;
    if (answer.ok()) return answer->already_so();
    if (absl::IsFailedPrecondition(answer.status()) || absl::IsAborted(answer.status()))
      return true;
    const bool expected = absl::IsUnavailable(answer.status()) ||
                          absl::IsResourceExhausted(answer.status()) ||
                          absl::IsDeadlineExceeded(answer.status());
    if (!expected)
      Say(absl::StrCat("H3 ", operation.context, "/", operation.tenant, ": ",
                       answer.status().ToString()));
    return false;
  }

  void Replay(const TenantOf& of, std::vector<Claim>& claims,
              const std::vector<const SeenState*>& seen) {
    ReplayedTenant replayed(streams_);
    const std::vector<AcceptedCommit>& commits = CommitsOf(of.first, of.second);
    for (std::uint64_t seq = 0; seq <= commits.size(); ++seq) {
      if (seq > 0) replayed.Apply(commits[seq - 1].commit);
      for (Claim& claim : claims) {
        if (!claim.met && claim.from <= seq && seq <= claim.to) claim.met = Holds(claim, replayed);
      }
      CompareStates(of, seq, replayed, seen);
    }
    for (const Claim& claim : claims) {
      if (claim.met) continue;
      const CommandAnswer& answer = *claim.attempt->answer;
      const Operation& operation = history_.operations[claim.attempt->operation];
      Say(absl::StrCat(
          "H3 ", of.first, "/", of.second, " seq ", claim.from, " to ", claim.to, ": node ",
          claim.attempt->node, " answered ", operation.command->GetDescriptor()->name(), " with ",
          answer.ok() ? "already so" : ReasonOf(answer.status()), ", which holds nowhere between"));
    }
  }

  void CompareStates(const TenantOf& of, std::uint64_t seq, const ReplayedTenant& replayed,
                     const std::vector<const SeenState*>& seen) {
    for (const SeenState* state : seen) {
      if (state->seq == seq && replayed.StateOf(state->stream) != state->state)
        Say(absl::StrCat("H5 ", of.first, "/", of.second, " seq ", seq, ": node ", state->node,
                         " holds another state of ", state->stream));
    }
  }

  bool Holds(const Claim& claim, const ReplayedTenant& replayed) const {
    const Operation& operation = history_.operations[claim.attempt->operation];
    const CommandAnswer& answer = *claim.attempt->answer;
    const ReplayedTenant::Said said = replayed.Decide(*operation.command, claim.attempt->invoked);
    const std::uint64_t version = replayed.VersionOf(said.stream);
    if (absl::IsAborted(answer.status()))
      return operation.expected_version && *operation.expected_version != version;
    if (operation.expected_version && *operation.expected_version != version) return false;
    if (!answer.ok()) return said.refused == ReasonOf(answer.status());
    return said.refused.empty() && said.events.empty() && version == answer->version();
  }

  // H2 and H8 of reactions: each loan is noted, once, in order, or parked.
  void Reactions() {
    const auto ledgers = accepted_.find(kLedgers);
    const auto shed = accepted_.find(kShed);
    if (ledgers == accepted_.end()) return;
    const Caused caused = ReactionsOf(ledgers->second);
    if (shed != accepted_.end()) CompareCauses(shed->second, caused);
  }

  // By tenant and position: to what something reacted.
  using Caused = std::set<std::pair<std::string, std::uint64_t>>;

  template <class Accepted>
  Caused ReactionsOf(const Accepted& ledgers) {
    Caused caused;
    for (const auto& [tenant, commits] : ledgers.by_tenant()) {
      std::uint64_t last = 0;
      for (const AcceptedCommit& accepted : commits) {
        if (!accepted.commit.has_caused_by()) continue;
        const std::uint64_t seq = accepted.commit.caused_by().seq();
        if (!caused.emplace(tenant, seq).second)
          Say(absl::StrCat("H2 ", tenant, ": the reaction to seq ", seq, " was accepted twice"));
        if (seq < last) Say(absl::StrCat("H2 ", tenant, ": reactions out of order at seq ", seq));
        last = std::max(last, seq);
      }
    }
    return caused;
  }

  static bool IsLoan(const journal::v1::Commit& commit) {
    return commit.events_size() > 0 &&
           commit.events(0).type() == testing::v1::ToolLent::descriptor()->full_name();
  }

  template <class Accepted>
  void CompareCauses(const Accepted& shed, const Caused& caused) {
    for (const auto& [tenant, commits] : shed.by_tenant()) {
      for (const AcceptedCommit& accepted : commits) {
        const journal::v1::Commit& commit = accepted.commit;
        const bool lent = IsLoan(commit);
        const bool reacted = caused.contains({tenant, commit.seq()});
        if (lent && !reacted)
          Say(absl::StrCat("H8 ", tenant, ": nothing reacted to seq ", commit.seq()));
        if (!lent && reacted)
          Say(absl::StrCat("H3 ", tenant, ": a reaction to seq ", commit.seq(), ", a ",
                           commit.events_size() > 0 ? commit.events(0).type() : "nothing"));
      }
    }
  }

  // H7.
  void Digests() {
    for (const SeenDigest& seen : history_.digests) {
      const auto context = accepted_.find(seen.partition.context);
      if (context == accepted_.end() || seen.next_offset == 0) continue;
      const auto& digests = context->second.digests(seen.partition.partition);
      auto at = digests.upper_bound(seen.next_offset);
      if (at == digests.begin()) continue;
      --at;
      if (at->second != seen.digest)
        Say(absl::StrCat("H7 ", seen.partition.context, " ", seen.partition.partition, " offset ",
                         seen.next_offset, ": node ", seen.node, " has another digest"));
    }
  }

  // H5, H6, H7 and H8 of views.
  void Views() {
    std::map<TenantOf, std::map<std::string, std::vector<const SeenRows*>>> seen;
    for (const SeenRows& rows : history_.rows)
      seen[{rows.context, rows.tenant}][rows.view].push_back(&rows);
    for (auto& [of, of_tenant] : seen) {
      for (const ShedView& view : ShedViews()) View(of, view.type, of_tenant[view.type.name]);
    }
  }

  void View(const TenantOf& of, const readmodel::ViewType& type,
            std::vector<const SeenRows*>& seen) {
    std::stable_sort(seen.begin(), seen.end(),
                     [](const auto* a, const auto* b) { return a->seq < b->seq; });
    const std::vector<AcceptedCommit>& commits = CommitsOf(of.first, of.second);
    ReplayedView replayed(type);
    std::uint64_t folded = 0;
    Rows rows;
    const SeenRows* before = nullptr;  // at the same position
    for (const SeenRows* one : seen) {
      const std::string where = absl::StrCat(of.first, "/", of.second, " seq ", one->seq, ": node ",
                                             one->node, " shows ");
      RowsOfOthers(where, *one);
      if (before != nullptr && before->seq == one->seq && before->rows != one->rows)
        Say(absl::StrCat("H7 ", where, "other rows of ", type.name, " than node ", before->node));
      before = one;
      if (one->seq > commits.size()) {
        Say(absl::StrCat("H5 ", where, "what was never accepted"));
        continue;
      }
      Moment(where, *one, commits);
      if (folded < one->seq) {
        while (folded < one->seq) replayed.Apply(commits[folded++].commit);
        rows = replayed.rows();
      }
      if (one->rows != rows) Say(absl::StrCat("H5 ", where, "other rows of ", type.name));
    }
  }

  // The rows are of the moment that was asked for, and say so.
  void Moment(const std::string& where, const SeenRows& seen,
              const std::vector<AcceptedCommit>& commits) {
    const auto recorded_at = [&commits](std::uint64_t seq) {
      return ToTime(commits[seq - 1].commit.recorded_at());
    };
    // Marks keep microseconds.
    if (seen.seq > 0 &&
        absl::ToUnixMicros(seen.recorded_at) != absl::ToUnixMicros(recorded_at(seen.seq)))
      Say(absl::StrCat("H5 ", where, "another time than that of its position"));
    if (seen.at_the_end && seen.seq < commits.size())
      Say(absl::StrCat("H8 ", where, "nothing later of ", seen.view, " long after all was healed"));
    if (seen.at_seq && *seen.at_seq != seen.seq)
      Say(absl::StrCat("H3 ", where, "it to a reader who asked for seq ", *seen.at_seq));
    if (!seen.at_time) {
      if (!seen.at_seq && seen.seq < seen.at_least)
        Say(absl::StrCat("H3 ", where, "it to a reader who had seen seq ", seen.at_least));
      return;
    }
    if (seen.seq > 0 && recorded_at(seen.seq) > *seen.at_time)
      Say(absl::StrCat("H3 ", where, "it as of a time before it"));
    if (seen.seq < seen.at_least && recorded_at(seen.seq + 1) <= *seen.at_time)
      Say(absl::StrCat("H3 ", where, "it as of a time by which more had been recorded"));
  }

  void RowsOfOthers(const std::string& where, const SeenRows& seen) {
    for (const auto& [key, row] : seen.rows) {
      for (const auto& [context, partition] : accepted_) {
        for (const auto& [other, commits] : partition.by_tenant()) {
          if (other == seen.tenant) continue;
          if (key.find(other) != std::string::npos || row.find(other) != std::string::npos)
            Say(absl::StrCat("H6 ", where, "a word of ", other));
        }
      }
    }
  }

  const History& history_;
  const std::map<std::string, AcceptedHistory>& accepted_;
  const eventsourcing::StreamTypes& streams_;
  std::map<std::string, std::size_t> by_id_;
  std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> CheckHistory(const History& history,
                                      const std::map<std::string, AcceptedHistory>& accepted,
                                      const eventsourcing::StreamTypes& streams) {
  return Checker(history, accepted, streams).Run();
}

}  // namespace holdfast::simulation
