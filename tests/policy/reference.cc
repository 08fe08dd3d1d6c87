#include "reference.h"

#include <array>
#include <cstdio>
#include <sstream>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "security/policy/label_join.h"

namespace holdfast::security::policy {
namespace {

// Values as JSON. Every text of a case is of letters, digits, '-', '/' and '*'.
class Json {
 public:
  Json& Number(std::int64_t number) { return Word(absl::StrCat(number)); }
  Json& Truth(bool truth) { return Word(truth ? "1" : "0"); }
  Json& Text(const std::string& text) { return Word(absl::StrCat("\"", text, "\"")); }
  Json& Instant(const std::optional<absl::Time>& instant) {
    return instant ? Number(absl::ToUnixMicros(*instant)) : Word("null");
  }
  Json& Stamp(bool there, const google::protobuf::Timestamp& stamp) {
    if (!there) return Word("null");
    return Word(absl::StrCat("[", stamp.seconds(), ",", stamp.nanos(), "]"));
  }
  Json& Reach(const Epoch& epoch) {
    return Word(absl::StrCat("[", epoch.tenant_seq, ",", epoch.operator_seq, "]"));
  }
  template <class List, class Add>
  Json& Array(const List& list, Add add) {
    Json members;
    for (const auto& member : list) add(members, member);
    return Nest(members);
  }
  template <class List>
  Json& Texts(const List& list) {
    return Array(list, [](Json& to, const std::string& text) { to.Text(text); });
  }
  template <class List>
  Json& Numbers(const List& list) {
    return Array(list, [](Json& to, auto number) { to.Number(number); });
  }
  Json& Nest(const Json& members) { return Word(absl::StrCat("[", members.written_, "]")); }
  const std::string& written() const { return written_; }

 private:
  Json& Word(const std::string& word) {
    if (!written_.empty()) written_ += ',';
    written_ += word;
    return *this;
  }
  std::string written_;
};

Json Of(const Principal& p) {
  Json json;
  json.Number(static_cast<int>(p.kind)).Text(p.tenant).Text(p.ref).Text(p.agency);
  json.Number(p.agency_type).Number(p.regime).Number(p.clearance);
  json.Array(p.roles, [](Json& to, const RoleGrant& grant) {
    Json one;
    to.Nest(one.Number(grant.role).Instant(grant.until));
  });
  json.Texts(p.areas).Texts(p.compartments);
  json.Array(p.agreements, [](Json& to, const Agreement& agreement) {
    Json one;
    one.Text(agreement.from).Text(agreement.to).Numbers(agreement.classes);
    one.Numbers(agreement.purposes).Texts(agreement.areas).Truth(agreement.is_signed);
    to.Nest(one.Instant(agreement.expires_at));
  });
  return json.Instant(p.signed_in_at);
}

Json Of(const type::v1::HandlingConditions& c) {
  Json json;
  json.Texts(c.named_recipients()).Texts(c.agencies()).Truth(c.intelligence_unit_only());
  json.Truth(c.originator_consent()).Truth(c.no_onward()).Truth(c.no_local_copy());
  json.Stamp(c.has_expires_at(), c.expires_at());
  return json.Stamp(c.has_consent_until(), c.consent_until());
}

Json Of(const type::v1::Label& l) {
  Json json;
  json.Number(l.class_()).Number(l.sensitivity()).Number(l.handling()).Nest(Of(l.conditions()));
  json.Number(l.marking()).Number(l.source_evaluation()).Number(l.intelligence_assessment());
  json.Number(l.category()).Text(l.condition_ref()).Texts(l.owners()).Texts(l.shared_with());
  json.Truth(l.sanitised()).Truth(l.released());
  return json.Truth(HoldsUnreadFields(l));
}

Json Of(const Resource& r) {
  Json json;
  json.Text(r.tenant).Text(r.stream).Number(static_cast<int>(r.thing)).Number(r.record_class);
  json.Nest(Of(r.label)).Texts(r.areas).Texts(r.assignees).Text(r.from_agency).Text(r.compartment);
  json.Texts(r.phases).Text(r.operation).Truth(r.restricted);
  return json.Number(static_cast<int>(r.retention)).Reach(r.min_policy_epoch);
}

Json Of(const Context& c) {
  Json json;
  json.Number(c.purpose).Truth(c.justified).Number(static_cast<int>(c.justification));
  json.Text(c.phase).Text(c.operation).Text(c.recipient).Truth(c.method_granted);
  return json.Instant(c.break_glass_at).Instant(c.time).Reach(c.policy_epoch);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File Written(const std::vector<Case>& cases, std::size_t digest_every) {
  File file(std::tmpfile());
  HOLDFAST_CHECK(file != nullptr);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string line = LineOf(cases[i], digest_every != 0 && i % digest_every == 0);
    HOLDFAST_CHECK(std::fwrite(line.data(), 1, line.size(), file.get()) == line.size());
  }
  std::fflush(file.get());
  std::rewind(file.get());
  return file;
}

// Python reads from one descriptor and writes to another; true where it ended well.
bool RunPython(int in, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  std::array<std::string, 4> words = {"python3", "-B", "tests/policy/reference.py",
                                      "deploy/reference/policy/role_class.json"};
  std::array<char*, 5> arguments = {words[0].data(), words[1].data(), words[2].data(),
                                    words[3].data(), nullptr};
  pid_t child = -1;
  const int failed =
      ::posix_spawnp(&child, "python3", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  return failed == 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

std::string All(std::FILE* file) {
  std::string all;
  std::array<char, 65536> piece{};
  std::rewind(file);
  for (std::size_t read = 0; (read = std::fread(piece.data(), 1, piece.size(), file)) > 0;)
    all.append(piece.data(), read);
  return all;
}

}  // namespace

std::string AnswerOf(const Decision& decision) {
  return absl::StrCat(decision.permitted ? 1 : 0, " ", absl::StrJoin(decision.rule_ids, ","), " ",
                      decision.obligations.bits());
}

std::string LineOf(const Case& asked, bool wants_digest) {
  Json json;
  json.Truth(wants_digest).Nest(Of(asked.principal)).Number(asked.verb);
  json.Nest(Of(asked.resource)).Nest(Of(asked.context));
  return absl::StrCat("[", json.written(), "]\n");
}

std::vector<Referred> AskReference(const std::vector<Case>& cases, std::size_t digest_every) {
  const File asked = Written(cases, digest_every);
  const File answered(std::tmpfile());
  HOLDFAST_CHECK(answered != nullptr);
  HOLDFAST_CHECK(RunPython(::fileno(asked.get()), ::fileno(answered.get())));
  std::vector<Referred> referred;
  std::istringstream lines(All(answered.get()));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t last = line.rfind(' ');
    referred.push_back({line.substr(0, last), line.substr(last + 1)});
  }
  HOLDFAST_CHECK(referred.size() == cases.size());
  return referred;
}

}  // namespace holdfast::security::policy
