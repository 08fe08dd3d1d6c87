// agreement register | list | sign | amend | end;  the operator's: tenant register | list |
// suspend | resume | export | close | public-slug;  quota set
#include <cstdint>
#include <string>
#include <utility>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/operator.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/areas.h"
#include "cli/commands/directory_words.h"

namespace holdfast::cli {
namespace {

namespace v1 = directory::v1;

// --- agreements

absl::StatusOr<v1::AgreementTerms> TermsOf(Invocation& in) {
  v1::AgreementTerms terms;
  ASSIGN_OR_RETURN(const std::vector<int> classes,
                   CodesOf(in, "--classes", *options::v1::DataClass::Code_descriptor()));
  for (const int one : classes) terms.add_classes(static_cast<options::v1::DataClass::Code>(one));
  ASSIGN_OR_RETURN(const std::vector<int> purposes,
                   CodesOf(in, "--purposes", *options::v1::Purpose::Code_descriptor()));
  for (const int one : purposes) terms.add_purposes(static_cast<options::v1::Purpose::Code>(one));
  ASSIGN_OR_RETURN(const int gateway, in.Code("--gateway", *v1::Gateway::Code_descriptor()));
  terms.set_gateway(static_cast<v1::Gateway::Code>(gateway));
  for (std::string& item : in.GetAll("--items")) terms.add_data_items(std::move(item));
  for (std::string& area : in.GetAll("--areas")) terms.add_areas(std::move(area));
  if (terms.areas().empty()) terms.add_areas("*");
  ASSIGN_OR_RETURN(const auto day, in.Day("--expires"));
  *terms.mutable_expires_on() = *day;
  return terms;
}

absl::Status RegisterAgreement(Invocation& in) {
  v1::RegisterAgreement request;
  request.set_agreement_id(in.Get("--id"));
  request.set_title(in.Get("--title"));
  request.set_from(in.Get("--from"));
  request.set_to(in.Get("--to"));
  ASSIGN_OR_RETURN(*request.mutable_terms(), TermsOf(in));
  return SendTo(in, Directory("RegisterAgreement"), request);
}

absl::Status AmendAgreement(Invocation& in) {
  v1::AmendAgreement request;
  request.set_agreement_id(in.Get("AGREEMENT"));
  request.set_reason(in.Get("--reason"));
  ASSIGN_OR_RETURN(*request.mutable_terms(), TermsOf(in));
  return SendTo(in, Directory("AmendAgreement"), request);
}

absl::Status SignAgreement(Invocation& in) {
  v1::SignAgreement request;
  request.set_agreement_id(in.Get("AGREEMENT"));
  return SendTo(in, Directory("SignAgreement"), request);
}

absl::Status EndAgreement(Invocation& in) {
  v1::EndAgreement request;
  request.set_agreement_id(in.Get("AGREEMENT"));
  request.set_reason(in.Get("--reason"));
  return SendTo(in, Directory("EndAgreement"), request);
}

absl::Status ListAgreements(Invocation& in) {
  v1::ListAgreementsRequest request;
  request.set_agency(in.Get("--agency"));
  request.set_include_past(in.Has("--past"));
  ASSIGN_OR_RETURN(const auto all,
                   AllPages<v1::ListAgreementsResponse>(in, Directory("ListAgreements"), request));
  Rows rows{{"id", "title", "from", "to", "state", "signed", "expires"}, {}, {}};
  for (const v1::AgreementRow& agreement : all.agreements()) {
    rows.rows.push_back({agreement.agreement_id(), agreement.title(), agreement.from(),
                         agreement.to(), v1::AgreementRow::Life_Name(agreement.life()),
                         absl::StrJoin(agreement.signatories(), "+"),
                         absl::StrCat(ToText(agreement.terms().expires_on()),
                                      agreement.expiring() ? ", soon" : "")});
  }
  return in.output().Print(all, rows);
}

// --- tenants

absl::Status RegisterTenant(Invocation& in) {
  v1::RegisterTenant request;
  request.set_slug(in.Get("TENANT"));
  request.set_name(in.Get("--name"));
  v1::FirstAdministrator& first = *request.mutable_first_administrator();
  first.set_agency(in.Has("--agency") ? in.Get("--agency") : in.Get("TENANT") + "-police");
  first.set_agency_name(in.Has("--agency-name") ? in.Get("--agency-name")
                                                : in.Get("--name") + " Police");
  first.set_agency_type(type::v1::Agency::POLICE);
  first.set_regime(type::v1::Agency::LED_PART3);
  first.set_member_id(in.Get("--administrator"));
  ASSIGN_OR_RETURN(*first.mutable_subject_mac(), DigestOf(in, "--code"));
  return SendTo(in, Operator("RegisterTenant"), request);
}

absl::Status ListTenants(Invocation& in) {
  v1::ListTenantsRequest request;
  request.set_include_closed(in.Has("--closed"));
  ASSIGN_OR_RETURN(const auto all,
                   AllPages<v1::ListTenantsResponse>(in, Operator("ListTenants"), request));
  Rows rows{{"tenant", "name", "state", "placed", "moving", "cost per second"},
            {},
            {false, false, false, false, false, true}};
  const auto places = [](const google::protobuf::RepeatedPtrField<v1::Placement>& placed) {
    return absl::StrJoin(placed, "+", [](std::string* out, const v1::Placement& at) {
      absl::StrAppend(out, at.context(), "/", at.partition());
    });
  };
  for (const v1::TenantRow& tenant : all.tenants()) {
    rows.rows.push_back({tenant.slug(), tenant.name(), v1::TenantRow::Life_Name(tenant.life()),
                         places(tenant.placement()), places(tenant.moving()),
                         tenant.has_quota() ? absl::StrCat(tenant.quota().cost_per_second()) : ""});
  }
  return in.output().Print(all, rows);
}

template <class Request>
absl::Status OfTenant(Invocation& in) {
  Request request;
  request.set_slug(in.Get("TENANT"));
  request.set_reason(in.Get("--reason"));
  return SendTo(in, Operator(Request::descriptor()->name()), request);
}

absl::Status RecordExport(Invocation& in) {
  v1::RecordTenantExport request;
  request.set_slug(in.Get("TENANT"));
  ASSIGN_OR_RETURN(*request.mutable_sha256(), DigestOf(in, "--sha256"));
  return SendTo(in, Operator("RecordTenantExport"), request);
}

absl::Status SetPublicSlug(Invocation& in) {
  v1::SetPublicSlug request;
  request.set_slug(in.Get("TENANT"));
  request.set_public_slug(in.Get("SLUG"));
  request.set_site_id(in.Get("--site"));
  return SendTo(in, Operator("SetPublicSlug"), request);
}

absl::Status SetQuota(Invocation& in) {
  v1::SetQuota request;
  request.set_slug(in.Get("TENANT"));
  v1::QuotaFigures& figures = *request.mutable_figures();
  ASSIGN_OR_RETURN(const auto cost, in.Number("--cost-per-second"));
  ASSIGN_OR_RETURN(const auto burst, in.Number("--burst"));
  ASSIGN_OR_RETURN(const auto streams, in.Number("--streams"));
  figures.set_cost_per_second(static_cast<std::uint32_t>(*cost));
  figures.set_burst(static_cast<std::uint32_t>(burst.value_or(*cost)));
  figures.set_streams(static_cast<std::uint32_t>(streams.value_or(100)));
  return SendTo(in, Operator("SetQuota"), request);
}

std::vector<Option> TermsOptions() {
  return {{"--classes", "CLASSES", "PARTNERSHIP, OPERATIONAL, INTEL …", true, true},
          {"--purposes", "PURPOSES", "PARTNERSHIP, SAFEGUARDING …", true, true},
          {"--gateway", "GATEWAY", "The power: CDA1998_S115 …", true},
          {"--items", "ITEMS", "Which data", true, true},
          {"--areas", "AREAS", "Where (default everywhere)", false, true},
          {"--expires", "DAY", "Its last day", true}};
}

}  // namespace

Commands AgreementCommands() {
  const std::vector<Positional> agreement = {{"AGREEMENT", "Its id: holdfast agreement list"}};
  return {
      {"agreement register",
       "An agreement between two agencies, for both to sign",
       {},
       Join({{{"--title", "TITLE", "What it is called", true},
              {"--from", "AGENCY", "Who shares", true},
              {"--to", "AGENCY", "With whom", true},
              {"--id", "ID", "Its id (default drawn)"}},
             TermsOptions()}),
       "holdfast agreement register --title \"Larkhill sharing\" --from westmoor-police --to "
       "westmoor-council --classes PARTNERSHIP --purposes PARTNERSHIP --gateway CDA1998_S115 "
       "--items address --expires 2027-12-31",
       RegisterAgreement},
      {"agreement list",
       "Every agreement, and who has signed",
       {},
       {{"--agency", "AGENCY", "Of this agency"}, {"--past", "", "Ended and expired ones too"}},
       "holdfast agreement list",
       ListAgreements},
      {"agreement sign",
       "Sign for your own agency; both make it active",
       agreement,
       {},
       "holdfast agreement sign isa-1",
       SignAgreement},
      {"agreement amend", "Change the terms: both sign again", agreement,
       Join({{ReasonOption()}, TermsOptions()}),
       "holdfast agreement amend isa-1 --reason \"tenancies too\" --classes PARTNERSHIP --purposes "
       "PARTNERSHIP --gateway CDA1998_S115 --items address,tenancy --expires 2027-12-31",
       AmendAgreement},
      {"agreement end",
       "End it before its day",
       agreement,
       {ReasonOption()},
       "holdfast agreement end isa-1 --reason \"the work is done\"",
       EndAgreement},
  };
}

Commands OperatorCommands() {
  const std::vector<Positional> tenant = {{"TENANT", "Its slug: holdfast tenant list"}};
  return {
      {"tenant register",
       "A force, its own agency and its first administrator",
       tenant,
       {{"--name", "NAME", "What its people call it", true},
        {"--administrator", "ID", "The first administrator's pseudonym", true},
        {"--code", "CODE", "Their enrolment code", true},
        {"--agency", "AGENCY", "The force's own id as an agency (default TENANT-police)"},
        {"--agency-name", "NAME", "Its name"}},
       "holdfast tenant register northmoor --name Northmoor --administrator m-nora --code "
       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
       RegisterTenant},
      {"tenant list",
       "Every tenant, its state, place and quota",
       {},
       {{"--closed", "", "Closed ones too"}},
       "holdfast tenant list",
       ListTenants},
      {"tenant suspend",
       "Let nobody of a tenant in until it is resumed",
       tenant,
       {ReasonOption()},
       "holdfast tenant suspend northmoor --reason \"it leaves\"",
       OfTenant<v1::SuspendTenant>},
      {"tenant resume",
       "Let its people in again",
       tenant,
       {ReasonOption()},
       "holdfast tenant resume northmoor --reason \"it stays\"",
       OfTenant<v1::ResumeTenant>},
      {"tenant exported",
       "Record what a leaving tenant took with it, by its digest",
       tenant,
       {{"--sha256", "DIGEST", "Of the export", true}},
       "holdfast tenant exported northmoor --sha256 "
       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
       RecordExport},
      {"tenant close",
       "Close a suspended tenant that was exported, for good",
       tenant,
       {ReasonOption()},
       "holdfast tenant close northmoor --reason \"it left\"",
       OfTenant<v1::CloseTenant>},
      {"tenant public-slug",
       "Under which slug the public finds a site",
       {tenant[0], {"SLUG", "In the address"}},
       {{"--site", "SITE", "The site's id", true}},
       "holdfast tenant public-slug westmoor larkhill --site 0190a6f0-0000-7000-8000-000000000001",
       SetPublicSlug},
      {"quota set",
       "How much of each context a tenant may ask for",
       tenant,
       {{"--cost-per-second", "UNITS", "Commands, unless one costs more", true},
        {"--burst", "UNITS", "What can be saved up (default the same)"},
        {"--streams", "N", "Streams kept open at once (default 100)"}},
       "holdfast quota set westmoor --cost-per-second 50 --burst 200",
       SetQuota},
  };
}

}  // namespace holdfast::cli
