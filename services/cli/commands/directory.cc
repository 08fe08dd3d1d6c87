// agency register | list | retire;  member enrol | list | grant | revoke | areas | clearance |
// compartment | training | suspend | resume | leave;  client register | list | webhook | suspend |
// retire
#include <string>
#include <utility>

#include "holdfast/directory/v1/administration.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/areas.h"
#include "cli/commands/directory_words.h"

namespace holdfast::cli {
namespace {

namespace v1 = directory::v1;
using options::v1::Role;

template <class Request>
absl::Status Send(Invocation& in, std::string_view method, const Request& request) {
  return SendTo(in, Directory(method), request);
}

std::string NamesOf(const google::protobuf::RepeatedField<int>& roles) {
  return absl::StrJoin(roles, "+", [](std::string* out, int role) {
    out->append(Role::Code_Name(static_cast<Role::Code>(role)));
  });
}

// --- agencies

absl::Status RegisterAgency(Invocation& in) {
  v1::RegisterAgency request;
  request.set_agency_id(in.Get("AGENCY"));
  request.set_name(in.Get("--name"));
  ASSIGN_OR_RETURN(const int type, in.Code("--type", *type::v1::Agency::Type_descriptor()));
  request.set_type(static_cast<type::v1::Agency::Type>(type));
  ASSIGN_OR_RETURN(const int regime, in.Code("--regime", *type::v1::Agency::Regime_descriptor()));
  request.set_regime(static_cast<type::v1::Agency::Regime>(regime));
  return Send(in, "RegisterAgency", request);
}

absl::Status ListAgencies(Invocation& in) {
  v1::ListAgenciesRequest request;
  request.set_include_retired(in.Has("--retired"));
  ASSIGN_OR_RETURN(const auto all,
                   AllPages<v1::ListAgenciesResponse>(in, Directory("ListAgencies"), request));
  Rows rows{{"id", "name", "type", "regime", "state"}, {}, {}};
  for (const v1::AgencyRow& agency : all.agencies()) {
    rows.rows.push_back(
        {agency.agency_id(), agency.name(), type::v1::Agency::Type_Name(agency.type()),
         type::v1::Agency::Regime_Name(agency.regime()), agency.retired() ? "retired" : ""});
  }
  return in.output().Print(all, rows);
}

absl::Status RetireAgency(Invocation& in) {
  v1::RetireAgency request;
  request.set_agency_id(in.Get("AGENCY"));
  request.set_reason(in.Get("--reason"));
  return Send(in, "RetireAgency", request);
}

// --- members

absl::Status EnrolMember(Invocation& in) {
  v1::EnrolMember request;
  request.set_member_id(in.Get("--id"));
  request.set_agency(in.Get("--agency"));
  ASSIGN_OR_RETURN(*request.mutable_subject_mac(), DigestOf(in, "--code"));
  return Send(in, "EnrolMember", request);
}

absl::Status ListMembers(Invocation& in) {
  v1::ListMembersRequest request;
  request.set_agency(in.Get("--agency"));
  request.set_include_left(in.Has("--left"));
  if (in.Has("--role")) {
    ASSIGN_OR_RETURN(const int role, in.Code("--role", *Role::Code_descriptor()));
    request.set_role(static_cast<Role::Code>(role));
  }
  ASSIGN_OR_RETURN(const auto all,
                   AllPages<v1::ListMembersResponse>(in, Directory("ListMembers"), request));
  Rows rows{{"id", "agency", "state", "roles", "areas", "enrolled"}, {}, {}};
  for (const v1::MemberRow& member : all.members()) {
    rows.rows.push_back(
        {member.member_id(), member.agency(), v1::MemberRow::Life_Name(member.life()),
         absl::StrJoin(member.roles(), "+",
                       [](std::string* out, const v1::MemberRow::Role& role) {
                         absl::StrAppend(out, Role::Code_Name(role.role()),
                                         role.has_until() ? " until " + ToText(role.until()) : "");
                       }),
         absl::StrJoin(member.areas(), "+"), ToText(member.enrolled_on())});
  }
  return in.output().Print(all, rows);
}

absl::Status Grant(Invocation& in) {
  v1::GrantRole request;
  request.set_member_id(in.Get("MEMBER"));
  ASSIGN_OR_RETURN(const int role, in.Code("ROLE", *Role::Code_descriptor()));
  request.set_role(static_cast<Role::Code>(role));
  ASSIGN_OR_RETURN(const auto until, in.Day("--until"));
  if (until) *request.mutable_until() = *until;
  return Send(in, "GrantRole", request);
}

absl::Status Revoke(Invocation& in) {
  v1::RevokeRole request;
  request.set_member_id(in.Get("MEMBER"));
  ASSIGN_OR_RETURN(const int role, in.Code("ROLE", *Role::Code_descriptor()));
  request.set_role(static_cast<Role::Code>(role));
  request.set_reason(in.Get("--reason"));
  return Send(in, "RevokeRole", request);
}

absl::Status SetAreas(Invocation& in) {
  v1::SetAreas request;
  request.set_member_id(in.Get("MEMBER"));
  for (std::string& area : in.GetAll("--areas")) request.add_areas(std::move(area));
  return Send(in, "SetAreas", request);
}

absl::Status SetClearance(Invocation& in) {
  v1::SetClearance request;
  request.set_member_id(in.Get("MEMBER"));
  ASSIGN_OR_RETURN(const int clearance, in.Code("CLEARANCE", *v1::Clearance::Code_descriptor()));
  request.set_clearance(static_cast<v1::Clearance::Code>(clearance));
  return Send(in, "SetClearance", request);
}

absl::Status Compartment(Invocation& in) {
  if (in.Has("--leave")) {
    v1::LeaveCompartment leave;
    leave.set_member_id(in.Get("MEMBER"));
    leave.set_compartment(in.Get("COMPARTMENT"));
    leave.set_reason(in.Get("--leave"));
    return Send(in, "LeaveCompartment", leave);
  }
  v1::JoinCompartment join;
  join.set_member_id(in.Get("MEMBER"));
  join.set_compartment(in.Get("COMPARTMENT"));
  return Send(in, "JoinCompartment", join);
}

absl::Status Training(Invocation& in) {
  v1::RecordTraining request;
  request.set_member_id(in.Get("MEMBER"));
  request.set_course(in.Get("--course"));
  ASSIGN_OR_RETURN(const auto day, in.Day("--valid-to"));
  *request.mutable_valid_to() = *day;
  return Send(in, "RecordTraining", request);
}

// Commands that are a member, or a client, and why.
template <class Request>
absl::Status OfMember(Invocation& in) {
  Request request;
  request.set_member_id(in.Get("MEMBER"));
  request.set_reason(in.Get("--reason"));
  return Send(in, Request::descriptor()->name(), request);
}
template <class Request>
absl::Status OfClient(Invocation& in) {
  Request request;
  request.set_client_id(in.Get("CLIENT"));
  request.set_reason(in.Get("--reason"));
  return Send(in, Request::descriptor()->name(), request);
}

// --- clients

absl::Status RegisterClient(Invocation& in) {
  v1::RegisterClient request;
  request.set_client_id(in.Get("--id"));
  request.set_title(in.Get("--title"));
  request.set_agency(in.Get("--agency"));
  ASSIGN_OR_RETURN(*request.mutable_subject_mac(), DigestOf(in, "--code"));
  ASSIGN_OR_RETURN(const std::vector<int> roles, CodesOf(in, "--roles", *Role::Code_descriptor()));
  for (const int role : roles) request.add_roles(static_cast<Role::Code>(role));
  for (std::string& area : in.GetAll("--areas")) request.add_areas(std::move(area));
  return Send(in, "RegisterClient", request);
}

absl::Status ListClients(Invocation& in) {
  v1::ListClientsRequest request;
  request.set_include_retired(in.Has("--retired"));
  ASSIGN_OR_RETURN(const auto all,
                   AllPages<v1::ListClientsResponse>(in, Directory("ListClients"), request));
  Rows rows{{"id", "title", "agency", "state", "roles", "webhook"}, {}, {}};
  for (const v1::ClientRow& client : all.clients()) {
    rows.rows.push_back({client.client_id(), client.title(), client.agency(),
                         v1::ClientRow::Life_Name(client.life()), NamesOf(client.roles()),
                         client.webhook_url()});
  }
  return in.output().Print(all, rows);
}

absl::Status Webhook(Invocation& in) {
  v1::SetWebhook request;
  request.set_client_id(in.Get("CLIENT"));
  request.set_url(in.Get("--url"));
  for (std::string& type : in.GetAll("--types")) request.add_types(std::move(type));
  return Send(in, "SetWebhook", request);
}

Option CodeOption() {
  return {"--code", "CODE", "The enrolment code that the first sign-in shows", true};
}
Option AreasOption() {
  return {"--areas", "AREAS", "ward@2013:E05000032 …, or * for every one", false, true};
}

}  // namespace

Commands AgencyCommands() {
  const std::vector<Positional> agency = {{"AGENCY", "Its id: holdfast agency list"}};
  return {
      {"agency register",
       "A new agency of the partnership",
       agency,
       {{"--name", "NAME", "Its name", true},
        {"--type", "TYPE", "POLICE, COUNCIL, HOUSING …", true},
        {"--regime", "REGIME", "LED_PART3 or UK_GDPR: under which law it processes", true}},
       "holdfast agency register westmoor-fire --name \"Westmoor Fire\" --type FIRE --regime "
       "UK_GDPR",
       RegisterAgency},
      {"agency list",
       "Every agency",
       {},
       {{"--retired", "", "Retired ones too"}},
       "holdfast agency list",
       ListAgencies},
      {"agency retire",
       "An agency leaves the partnership: nobody may be in it",
       agency,
       {ReasonOption()},
       "holdfast agency retire westmoor-fire --reason \"merged with the county\"",
       RetireAgency},
  };
}

Commands MemberCommands() {
  const std::vector<Positional> member = {{"MEMBER", "The member's id: holdfast member list"}};
  const Positional role = {"ROLE", "OFFICER, ANALYST, COORDINATOR …"};
  return {
      {"member enrol",
       "A person becomes a member, without any right yet",
       {},
       {{"--agency", "AGENCY", "For whom they work", true},
        CodeOption(),
        {"--id", "ID", "The pseudonym that commits carry (default drawn)"}},
       "holdfast member enrol --agency westmoor-police --code "
       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
       EnrolMember},
      {"member list",
       "Every member, and what each may do",
       {},
       {{"--agency", "AGENCY", "Of this agency"},
        {"--role", "ROLE", "With this role"},
        {"--left", "", "Those who have left, too"}},
       "holdfast member list --role ADMINISTRATOR",
       ListMembers},
      {"member grant",
       "Give a member a role; it counts at once",
       {member[0], role},
       {{"--until", "DAY", "Its last day (default: until it is revoked)"}},
       "holdfast member grant m-1 OFFICER --until 2027-03-31",
       Grant},
      {"member revoke",
       "Take a role away; it counts at once",
       {member[0], role},
       {ReasonOption()},
       "holdfast member revoke m-1 OFFICER --reason \"moved to another team\"",
       Revoke},
      {"member areas",
       "Where a member may work; none without --areas",
       member,
       {AreasOption()},
       "holdfast member areas m-1 --areas ward@2013:E05000032",
       SetAreas},
      {"member clearance",
       "Up to which vetting a member is cleared",
       {member[0], {"CLEARANCE", "BPSS, NPPV2, NPPV3, CTC, SC or DV"}},
       {},
       "holdfast member clearance m-1 SC",
       SetClearance},
      {"member compartment",
       "Propose a member for a compartment; a second administrator confirms by the same words",
       {member[0], {"COMPARTMENT", "Its name"}},
       {{"--leave", "REASON", "Leave it instead, and why"}},
       "holdfast member compartment m-1 larkhill-sources",
       Compartment},
      {"member training",
       "Note a training and until when it holds",
       member,
       {{"--course", "COURSE", "Its name", true}, {"--valid-to", "DAY", "Its last day", true}},
       "holdfast member training m-1 --course lead-responsible-officer --valid-to 2027-03-31",
       Training},
      {"member suspend",
       "Let nobody in as this member until resumed",
       member,
       {ReasonOption()},
       "holdfast member suspend m-1 --reason \"device lost\"",
       OfMember<v1::SuspendMember>},
      {"member resume",
       "Let a suspended member in again",
       member,
       {ReasonOption()},
       "holdfast member resume m-1 --reason \"device found\"",
       OfMember<v1::ResumeMember>},
      {"member leave",
       "A member leaves, for good",
       member,
       {ReasonOption()},
       "holdfast member leave m-1 --reason \"retired\"",
       OfMember<v1::RecordDeparture>},
  };
}

Commands ClientCommands() {
  const std::vector<Positional> client = {{"CLIENT", "Its id: holdfast client list"}};
  return {
      {"client register",
       "A program of an agency that calls",
       {},
       {{"--title", "TITLE", "What it is", true},
        {"--agency", "AGENCY", "Whose it is", true},
        CodeOption(),
        {"--roles", "ROLES", "INTEGRATOR, ANALYST …: none that a person answers for", true, true},
        AreasOption(),
        {"--id", "ID", "The pseudonym that commits carry (default drawn)"}},
       "holdfast client register --title \"Crime feed\" --agency westmoor-police --roles "
       "INTEGRATOR --code 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
       RegisterClient},
      {"client list",
       "Every client",
       {},
       {{"--retired", "", "Retired ones too"}},
       "holdfast client list",
       ListClients},
      {"client webhook",
       "Where a client wants to hear of facts",
       client,
       {{"--url", "URL", "https://…", true},
        {"--types", "TYPES", "Full names of events", true, true}},
       "holdfast client webhook c-1 --url https://feed.example/in --types "
       "holdfast.initiative.v1.PhaseOpened",
       Webhook},
      {"client suspend",
       "Let a client in no more until resumed",
       client,
       {ReasonOption()},
       "holdfast client suspend c-1 --reason \"key lost\"",
       OfClient<v1::SuspendClient>},
      {"client resume",
       "Let a suspended client in again",
       client,
       {ReasonOption()},
       "holdfast client resume c-1 --reason \"new key\"",
       OfClient<v1::ResumeClient>},
      {"client retire",
       "A client ends, for good",
       client,
       {ReasonOption()},
       "holdfast client retire c-1 --reason \"replaced\"",
       OfClient<v1::RetireClient>},
  };
}

}  // namespace holdfast::cli
