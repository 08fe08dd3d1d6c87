// site create | list | show | boundary | sign-up | sponsor | brand | appoint | close;  gate show |
// evidence | evaluate | override
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/areas.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/receipts.h"
#include "cli/rpc_names.h"

namespace holdfast::cli {
namespace {

namespace v1 = initiative::v1;

template <class Request>
absl::Status Send(Invocation& in, std::string_view method, const Request& request) {
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Initiative(method), request, receipt));
  return PrintReceipt(in, receipt);
}

template <class Request>
absl::Status AddAreas(Invocation& in, Request& request) {
  const std::vector<std::string> codes = in.GetAll("--areas");
  if (codes.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const type::v1::AreaSet set, AreaSetOf(in));
  for (const std::string& code : codes) {
    auto* area = request.add_areas();
    *area->mutable_set() = set;
    area->set_code(code);
  }
  return absl::OkStatus();
}

template <class Request>
absl::Status SetPhaseAndZone(const Invocation& in, Request& request) {
  ASSIGN_OR_RETURN(const int phase, in.Code("PHASE", *v1::Phase::Code_descriptor()));
  request.set_phase(static_cast<v1::Phase::Code>(phase));
  request.set_zone(in.Get("--zone"));
  return absl::OkStatus();
}

// Whoever asks, as the directory knows them.
absl::StatusOr<std::string> OwnReference(Session& asks) {
  directory::v1::Session session;
  RETURN_IF_ERROR(asks.Call("/holdfast.directory.v1.SessionService/GetSession",
                            directory::v1::GetSessionRequest(), session));
  return session.actor_ref();
}

// A name of `holdfast people`, or the reference itself.
absl::StatusOr<std::string> Holder(Invocation& in) {
  if (!in.Has("--holder")) return OwnReference(in.session());
  directory::v1::People people;
  const absl::Status listed =
      in.session().Call("/holdfast.directory.v1.DevelopmentIssuerService/ListPeople",
                        directory::v1::ListPeopleRequest(), people);
  // Outside the demonstration there is no such list: then it is a reference.
  const std::string& tenant = in.session().options().tenant;
  for (const auto& person : people.people()) {
    if (!listed.ok() || person.tenant() != tenant || person.as() != in.Get("--holder")) continue;
    return OwnReference(*in.session().As(tenant, person.as()));
  }
  return in.Get("--holder");
}

absl::Status Create(Invocation& in) {
  v1::CreateSite request;
  request.set_name(in.Get("--name"));
  RETURN_IF_ERROR(AddAreas(in, request));
  return Send(in, "CreateSite", request);
}

absl::Status Boundary(Invocation& in) {
  v1::SetBoundary request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(AddAreas(in, request));
  return Send(in, "SetBoundary", request);
}

absl::Status List(Invocation& in) {
  v1::ListSitesRequest request;
  request.set_text(in.Get("--text"));
  request.set_include_closed(in.Has("--closed"));
  request.set_page_size(1000);
  v1::ListSitesResponse all;
  do {
    v1::ListSitesResponse page;
    RETURN_IF_ERROR(in.session().Call(Initiative("ListSites"), request, page));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  Rows rows{{"id", "name", "brand", "areas", "open", "overrides", "baseline"}, {}, {}};
  for (const auto& site : all.sites()) {
    rows.rows.push_back(
        {site.site_id(), site.name(), site.brand(), absl::StrJoin(site.codes(), "+"),
         absl::StrJoin(site.open_phases(), "+",
                       [](std::string* out, const v1::SiteSummary::OpenPhase& open) {
                         out->append(v1::Phase::Code_Name(open.phase()));
                       }),
         absl::StrCat(site.overrides_in_force()),
         site.baseline_retrospective() ? "retrospective" : ""});
  }
  return in.output().Print(all, rows);
}

absl::Status Show(Invocation& in) {
  v1::GetSiteRequest request;
  request.set_site_id(in.Get("SITE"));
  v1::GetSiteResponse answer;
  RETURN_IF_ERROR(in.session().Call(Initiative("GetSite"), request, answer));
  const v1::SitePage& site = answer.site();
  Rows rows{{"fact", "value"}, {}, {}};
  rows.rows.push_back({"id", site.site_id()});
  rows.rows.push_back({"name", site.name()});
  rows.rows.push_back({"brand", site.brand()});
  rows.rows.push_back({"areas", absl::StrJoin(site.codes(), "+")});
  for (const auto& agency : site.agencies()) rows.rows.push_back({"agency", agency.agency()});
  for (const auto& sponsor : site.sponsors()) {
    rows.rows.push_back({"sponsor", absl::StrCat(type::v1::Duty::Code_Name(sponsor.duty()), " ",
                                                 sponsor.agency())});
  }
  for (const auto& officer : site.officers()) {
    rows.rows.push_back({"officer", absl::StrCat(type::v1::Duty::Code_Name(officer.duty()), " ",
                                                 officer.agency())});
  }
  for (const auto& episode : site.episodes()) {
    rows.rows.push_back(
        {"phase", absl::StrCat(v1::Phase::Code_Name(episode.phase()), " in ", episode.zone(),
                               " from ", ToText(episode.opened_on()), " to ",
                               episode.has_closed_on() ? ToText(episode.closed_on()) : "now",
                               episode.recorded_afterwards() ? ", recorded afterwards" : "")});
  }
  return in.output().Print(answer, rows);
}

absl::Status SignUp(Invocation& in) {
  v1::SignUpAgency request;
  request.set_site_id(in.Get("SITE"));
  request.set_agency(in.Get("--agency"));
  ASSIGN_OR_RETURN(const int type, in.Code("--type", *type::v1::Agency::Type_descriptor()));
  request.set_type(static_cast<type::v1::Agency::Type>(type));
  ASSIGN_OR_RETURN(const auto day, in.Day("--on"));
  if (day) *request.mutable_signed_on() = *day;
  return Send(in, "SignUpAgency", request);
}

template <class Request>
absl::Status SetDuty(Invocation& in, Request& request) {
  request.set_site_id(in.Get("SITE"));
  ASSIGN_OR_RETURN(const int duty, in.Code("--duty", *type::v1::Duty::Code_descriptor()));
  request.set_duty(static_cast<type::v1::Duty::Code>(duty));
  ASSIGN_OR_RETURN(*request.mutable_holder_ref(), Holder(in));
  request.set_agency(in.Get("--agency"));
  return absl::OkStatus();
}

absl::Status Sponsor(Invocation& in) {
  v1::NameSponsor request;
  RETURN_IF_ERROR(SetDuty(in, request));
  ASSIGN_OR_RETURN(const auto day, in.Day("--on"));
  if (day) *request.mutable_named_on() = *day;
  return Send(in, "NameSponsor", request);
}

absl::Status Appoint(Invocation& in) {
  v1::AppointOfficer request;
  RETURN_IF_ERROR(SetDuty(in, request));
  ASSIGN_OR_RETURN(const auto day, in.Day("--on"));
  if (day) *request.mutable_appointed_on() = *day;
  return Send(in, "AppointOfficer", request);
}

absl::Status Brand(Invocation& in) {
  v1::NameBrand request;
  request.set_site_id(in.Get("SITE"));
  request.set_brand(in.Get("--brand"));
  ASSIGN_OR_RETURN(const int by, in.Code("--chosen-by", *v1::BrandChoice::By_descriptor()));
  request.set_chosen_by(static_cast<v1::BrandChoice::By>(by));
  return Send(in, "NameBrand", request);
}

absl::Status Close(Invocation& in) {
  v1::CloseSite request;
  request.set_site_id(in.Get("SITE"));
  request.set_reason(in.Get("--reason"));
  ASSIGN_OR_RETURN(const auto day, in.Day("--on"));
  if (day) *request.mutable_closed_on() = *day;
  return Send(in, "CloseSite", request);
}

// --- gates

void AddLines(const google::protobuf::RepeatedPtrField<v1::GetGateResponse::Line>& lines,
              const char* state, Rows& rows) {
  for (const auto& line : lines) {
    rows.rows.push_back({state, line.criterion().id(),
                         v1::GateCriterion::Level_Name(line.criterion().level()),
                         v1::CriterionResult::Outcome_Name(line.outcome()),
                         line.criterion().title(), line.criterion().remedy()});
  }
}

// "gate SHUT: missing profile-in-date, lro-trained".
void SayGate(const v1::GetGateResponse& answer) {
  std::string missing = absl::StrJoin(answer.missing(), ", ",
                                      [](std::string* out, const v1::GetGateResponse::Line& line) {
                                        out->append(line.criterion().id());
                                      });
  Say(absl::StrCat("gate ", v1::GetGateResponse::Answer_Name(answer.answer()),
                   missing.empty() ? "" : ": missing ", missing));
}

absl::Status ShowGate(Invocation& in) {
  v1::GetGateRequest request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetPhaseAndZone(in, request));
  ASSIGN_OR_RETURN(const auto day, in.Day("--for"));
  if (day) *request.mutable_for_day() = *day;
  v1::GetGateResponse answer;
  RETURN_IF_ERROR(in.session().Call(Initiative("GetGate"), request, answer));
  SayGate(answer);
  Rows rows{{"state", "criterion", "level", "outcome", "what", "what to do"}, {}, {}};
  AddLines(answer.missing(), "missing", rows);
  AddLines(answer.warnings(), "advice", rows);
  if (in.Has("--all")) AddLines(answer.met(), "met", rows);
  return in.output().Print(answer, rows);
}

absl::Status Evidence(Invocation& in) {
  v1::RecordEvidence request;
  request.set_site_id(in.Get("SITE"));
  request.set_criterion(in.Get("--criterion"));
  request.set_zone(in.Get("--zone"));
  request.mutable_ref()->set_system(in.Has("--system") ? in.Get("--system") : "paper");
  request.mutable_ref()->set_id(in.Get("--ref"));
  if (in.Has("--sha256")) {
    const std::optional<std::string> hash = FromHex(in.Get("--sha256"));
    if (!hash || hash->size() != 32) return UsageError("--sha256 must be 64 hexadecimal digits.");
    request.mutable_ref()->set_sha256(*hash);
  }
  ASSIGN_OR_RETURN(const auto value, in.Number("--value"));
  if (value) request.set_value(static_cast<std::int64_t>(*value));
  ASSIGN_OR_RETURN(const auto day, in.Day("--observed"));
  *request.mutable_observed_on() = *day;
  return Send(in, "RecordEvidence", request);
}

absl::Status Evaluate(Invocation& in) {
  v1::EvaluateGate request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetPhaseAndZone(in, request));
  ASSIGN_OR_RETURN(const auto day, in.Day("--for"));
  if (day) *request.mutable_for_day() = *day;
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Initiative("EvaluateGate"), request, receipt));
  // What the gate answers is what was asked for; the receipt is what was kept.
  v1::GetGateRequest ask;
  ask.set_site_id(request.site_id());
  ask.set_phase(request.phase());
  ask.set_zone(request.zone());
  if (request.has_for_day()) *ask.mutable_for_day() = request.for_day();
  *ask.mutable_read()->add_min_position() = receipt.position();
  v1::GetGateResponse answer;
  RETURN_IF_ERROR(in.session().Call(Initiative("GetGate"), ask, answer));
  SayGate(answer);
  return PrintReceipt(in, receipt);
}

absl::Status Override(Invocation& in) {
  v1::OverrideGate request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetPhaseAndZone(in, request));
  for (std::string& criterion : in.GetAll("--criterion"))
    request.add_criteria(std::move(criterion));
  request.set_rationale(in.Get("--rationale"));
  ASSIGN_OR_RETURN(const auto day, in.Day("--until"));
  *request.mutable_until() = *day;
  return Send(in, "OverrideGate", request);
}

// --- phases

absl::Status Open(Invocation& in) {
  v1::OpenPhase request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetPhaseAndZone(in, request));
  request.set_lead_agency(in.Get("--lead"));
  request.set_decision_id(in.Get("--decision"));
  ASSIGN_OR_RETURN(const auto day, in.Day("--on"));
  if (day) *request.mutable_opened_on() = *day;
  return Send(in, "OpenPhase", request);
}

absl::Status ClosePhase(Invocation& in) {
  v1::ClosePhase request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetPhaseAndZone(in, request));
  request.set_reason(in.Get("--reason"));
  ASSIGN_OR_RETURN(const auto day, in.Day("--on"));
  if (day) *request.mutable_closed_on() = *day;
  return Send(in, "ClosePhase", request);
}

absl::Status RecordPast(Invocation& in) {
  v1::RecordPastPhase request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetPhaseAndZone(in, request));
  ASSIGN_OR_RETURN(const auto from, in.Day("--from"));
  ASSIGN_OR_RETURN(const auto to, in.Day("--to"));
  *request.mutable_from() = *from;
  *request.mutable_to() = *to;
  request.set_source(in.Get("--source"));
  return Send(in, "RecordPastPhase", request);
}

absl::Status ListPhases(Invocation& in) {
  v1::ListPhasesRequest request;
  request.set_site_id(in.Get("SITE"));
  request.set_page_size(1000);
  v1::ListPhasesResponse answer;
  RETURN_IF_ERROR(in.session().Call(Initiative("ListPhases"), request, answer));
  Rows rows{{"site", "phase", "zone", "from", "to", "lead", "note"}, {}, {}};
  for (const auto& line : answer.phases()) {
    const auto& episode = line.episode();
    rows.rows.push_back(
        {line.site_id(), v1::Phase::Code_Name(episode.phase()), episode.zone(),
         ToText(episode.opened_on()), episode.has_closed_on() ? ToText(episode.closed_on()) : "",
         episode.lead_agency(),
         episode.recorded_afterwards() ? "recorded afterwards: " + episode.source() : ""});
  }
  return in.output().Print(answer, rows);
}

constexpr char kSite[] = "0190a6f0-0000-7000-8000-000000000001";

std::string Example(std::string_view before, std::string_view after) {
  return absl::StrCat("holdfast ", std::string(before), " ", kSite, " ", std::string(after));
}

Positional SitePositional() {
  return {"SITE", "The site's id: holdfast site list"};
}
Positional PhasePositional() {
  return {"PHASE", "PREPARE, CLEAR, HOLD, BUILD or SUSTAIN"};
}
Option ZoneOption() {
  return {"--zone", "ZONE", "A zone of the site (default all of it)"};
}

}  // namespace

Commands SiteCommands() {
  const std::vector<Positional> site = {SitePositional()};
  const std::vector<Option> boundary = {
      {"--areas", "CODES", "Areas of the boundary, by code", false, true},
      {"--kind", "KIND", "Kind of these areas (default ward)"},
      {"--vintage", "VINTAGE", "Their vintage (default the newest)"}};
  const std::vector<Option> holder = {
      {"--duty", "DUTY", "CHIEF_OFFICER, SRO, LRO …", true},
      {"--agency", "AGENCY", "Of which agency", true},
      {"--holder", "REF", "Who: a reference, or a name of holdfast people (default yourself)"},
      {"--on", "DAY", "Since when (default today)"}};
  return {
      {"site create",
       "A new site",
       {},
       Join({{{"--name", "NAME", "What the partnership calls it", true}}, boundary}),
       "holdfast site create --name \"Gascoigne Together\" --areas E05000032 -o json",
       Create},
      {"site list",
       "Every site, what is open, what is overridden",
       {},
       {{"--text", "TEXT", "Part of the name"}, {"--closed", "", "Closed ones too"}},
       "holdfast site list",
       List},
      {"site show", "Everything of one site", site, {}, Example("site show", "-o json"), Show},
      {"site boundary", "Set its boundary anew", site, boundary,
       Example("site boundary", "--areas E05000032"), Boundary},
      {"site sign-up",
       "An agency signs up",
       site,
       {{"--agency", "AGENCY", "Its id", true},
        {"--type", "TYPE", "POLICE, COUNCIL, HOUSING …", true},
        {"--on", "DAY", "When (default today)"}},
       Example("site sign-up", "--agency council --type COUNCIL"),
       SignUp},
      {"site sponsor", "Name a sponsor", site, holder,
       Example("site sponsor", "--duty CHIEF_OFFICER --agency police"), Sponsor},
      {"site appoint", "Appoint an officer to a duty at the site", site, holder,
       Example("site appoint", "--duty SRO --agency police"), Appoint},
      {"site brand",
       "The name under which residents know it",
       site,
       {{"--brand", "NAME", "The name: no word of police jargon", true},
        {"--chosen-by", "WHO", "RESIDENTS, YOUNG_PEOPLE or PARTNERSHIP", true}},
       Example("site brand", "--brand \"Together on Mill Lane\" --chosen-by RESIDENTS"),
       Brand},
      {"site close",
       "Close it for good",
       site,
       {{"--reason", "TEXT", "Why", true}, {"--on", "DAY", "When (default today)"}},
       Example("site close", "--reason \"sustained for a year\""),
       Close},
  };
}

Commands GateCommands() {
  const std::vector<Positional> site = {SitePositional()};
  const std::vector<Positional> site_phase = {SitePositional(), PhasePositional()};
  return {
      {"gate show",
       "What is missing before a phase may open",
       site_phase,
       {ZoneOption(),
        {"--for", "DAY", "For which first day (default today)"},
        {"--all", "", "What is met, too"}},
       Example("gate show", "CLEAR"),
       ShowGate},
      {"gate evidence",
       "Record what speaks for a criterion",
       site,
       {{"--criterion", "ID", "Of gate show", true},
        {"--ref", "ID", "Its id in the agency's own store", true},
        {"--observed", "DAY", "Of which day it speaks", true},
        {"--system", "NAME", "The store (default paper)"},
        {"--sha256", "HEX", "Hash of the paper"},
        {"--value", "N", "Where the criterion compares"},
        ZoneOption()},
       Example("gate evidence", "--criterion hold-plan-approved --ref HP-7 --observed 2016-09-01"),
       Evidence},
      {"gate evaluate",
       "Ask the gate, and keep the answer",
       site_phase,
       {ZoneOption(), {"--for", "DAY", "For which first day (default today)"}},
       Example("gate evaluate", "CLEAR"),
       Evaluate},
      {"gate override",
       "Let a phase open although criteria failed: chief officer or SRO of the site only",
       site_phase,
       {ZoneOption(),
        {"--criterion", "ID", "Which failures (default all)", false, true},
        {"--rationale", "TEXT", "Why; printed on every page of the site", true},
        {"--until", "DAY", "The last day on which it holds", true}},
       Example("gate override", "CLEAR --rationale \"risk to life\" --until 2026-12-31"),
       Override},
  };
}

Commands PhaseCommands() {
  const std::vector<Positional> site_phase = {SitePositional(), PhasePositional()};
  return {
      {"phase open",
       "Open a phase through its gate",
       site_phase,
       {ZoneOption(),
        {"--on", "DAY", "The first day (default today)"},
        {"--lead", "AGENCY", "Who leads it"},
        {"--decision", "ID", "The decision it rests on"}},
       absl::StrCat("holdfast phase open ", kSite, " CLEAR --lead police"),
       Open},
      {"phase close",
       "Close an open phase",
       site_phase,
       {ZoneOption(),
        {"--on", "DAY", "The day on which it ended (default today)"},
        {"--reason", "TEXT", "Why"}},
       absl::StrCat("holdfast phase close ", kSite, " CLEAR"),
       ClosePhase},
      {"phase record-past",
       "A phase that ended before the site was created here",
       site_phase,
       {ZoneOption(),
        {"--from", "DAY", "Its first day", true},
        {"--to", "DAY", "The day on which it ended", true},
        {"--source", "TEXT", "Where it is written down", true}},
       absl::StrCat(
           "holdfast phase record-past ", kSite,
           " CLEAR --zone north --from 2016-10-01 --to 2017-01-31 --source \"board minutes\""),
       RecordPast},
      {"phase list",
       "Every phase of a site",
       {{"SITE", "The site's id", false}},
       {},
       absl::StrCat("holdfast phase list ", kSite),
       ListPhases},
  };
}

}  // namespace holdfast::cli
