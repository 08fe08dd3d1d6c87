#include "cli/demo/load.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/civil_time.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "base/uuid.h"
#include "cli/demo/westmoor.h"
#include "cli/importing.h"
#include "cli/progress.h"
#include "cli/receipts.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "cli/upload.h"

namespace holdfast::cli::demo {
namespace {

namespace iv1 = initiative::v1;
namespace mv1 = metrics::v1;
using type::v1::Receipt;

constexpr char kTenant[] = "westmoor";

type::v1::Day Day(std::string_view text) {
  const absl::CivilDay day = *ParseDay(text);
  type::v1::Day out;
  out.set_year(static_cast<std::int32_t>(day.year()));
  out.set_month(day.month());
  out.set_day(day.day());
  return out;
}

type::v1::Month Month(std::string_view text) {
  const absl::CivilMonth month = *ParseMonth(text);
  type::v1::Month out;
  out.set_year(static_cast<std::int32_t>(month.year()));
  out.set_month(month.month());
  return out;
}

// The steps, each under a key of its own: a repeated load repeats no effect.
class Loader {
 public:
  Loader(Session& session, const Westmoor& data) : data_(data) {
    for (const char* as :
         {"trial", "analyst", "sro", "coordinator", "senior-sponsor", "partner", "community"}) {
      people_.emplace_back(as, session.As(kTenant, as));
    }
  }

  Session& By(std::string_view as) {
    for (auto& [name, session] : people_) {
      if (name == as) return *session;
    }
    return *people_.front().second;
  }

  template <class Request, class Answer>
  absl::Status Do(std::string_view as, const std::string& method, const Request& request,
                  Answer& answer) {
    const std::string bytes = request.SerializeAsString();
    const Hash hash = Sha256Of(absl::StrCat(method, "\n", bytes));
    const std::string key =
        absl::StrCat("demo-", ToString(*UuidFromBytes(AsBytes(hash).substr(0, 16))));
    return WithContext(By(as).Command(method, request, answer, key), method);
  }

  template <class Request>
  absl::Status Do(std::string_view as, const std::string& method, const Request& request) {
    Receipt receipt;
    return Do(as, method, request, receipt);
  }

  // The same where a fact of another context must arrive first, by a reactor: a refusal is tried
  // again for five seconds.
  template <class Request>
  absl::Status DoSoon(std::string_view as, const std::string& method, const Request& request,
                      Receipt& receipt) {
    absl::Status status;
    for (int attempt = 0; attempt < 50; ++attempt) {
      status = Do(as, method, request, receipt);
      if (!absl::IsFailedPrecondition(status)) break;
      absl::SleepFor(absl::Milliseconds(100));
    }
    return status;
  }

  template <class Request>
  absl::Status DoSoon(std::string_view as, const std::string& method, const Request& request) {
    Receipt receipt;
    return DoSoon(as, method, request, receipt);
  }

  const Westmoor& data() const { return data_; }

 private:
  const Westmoor& data_;
  std::vector<std::pair<std::string, std::unique_ptr<Session>>> people_;
};

absl::Status LoadReference(Loader& loader) {
  mv1::PublishShippedReferenceResponse shipped;
  RETURN_IF_ERROR(loader.Do("trial", Metrics("PublishShippedReference"),
                            mv1::PublishShippedReferenceRequest(), shipped));
  mv1::ImportGeographyRequest geography;
  ASSIGN_OR_RETURN(*geography.mutable_file(),
                   UploadBytes(loader.By("trial"), loader.data().wards_geojson, "wards.geojson"));
  geography.set_kind("ward");
  geography.set_vintage("2022");
  geography.set_code_property("code");
  geography.set_name_property("name");
  geography.set_source("made for the demonstration; these places do not exist");
  mv1::ImportReferenceResponse answer;
  RETURN_IF_ERROR(loader.Do("trial", Metrics("ImportGeography"), geography, answer));
  for (const auto& [set, csv] : {std::pair("populations", &loader.data().populations_csv),
                                 std::pair("dwellings", &loader.data().dwellings_csv)}) {
    mv1::ImportReferenceRequest reference;
    ASSIGN_OR_RETURN(*reference.mutable_file(),
                     UploadBytes(loader.By("trial"), *csv, absl::StrCat(set, ".csv")));
    reference.set_set(set);
    *reference.mutable_valid_from() = Day("2022-06-30");
    reference.set_source("made for the demonstration");
    RETURN_IF_ERROR(loader.Do("trial", Metrics("ImportReference"), reference, answer));
  }
  return absl::OkStatus();
}

absl::Status Import(Loader& loader, const mv1::PlanImportRequest& request) {
  ASSIGN_OR_RETURN(const mv1::ImportPlan plan, PlanImport(loader.By("trial"), request));
  return ApplyImport(loader.By("trial"), plan.token(), plan.rows_in()).status();
}

absl::Status LoadCrime(Loader& loader) {
  mv1::PlanImportRequest request;
  request.set_profile("police-uk-street");
  for (const NamedFile& file : loader.data().street) {
    ASSIGN_OR_RETURN(*request.add_files(),
                     UploadBytes(loader.By("trial"), file.content, file.name));
  }
  return Import(loader, request);
}

absl::Status LoadSeries(Loader& loader) {
  constexpr std::pair<std::string_view, std::string_view> kSeries[] = {
      {"westmoor-council", "Noise complaints"}, {"westmoor-housing", "Repairs after damage"}};
  for (std::size_t i = 0; i < loader.data().series.size(); ++i) {
    const NamedFile& file = loader.data().series[i];
    mv1::PlanImportRequest request;
    request.set_profile("agency-series");
    request.set_dataset_id(file.name.substr(0, file.name.rfind('.')));
    request.set_agency(std::string(kSeries[i].first));
    request.set_title(std::string(kSeries[i].second));
    request.set_kind("ward");
    request.set_vintage("2022");
    ASSIGN_OR_RETURN(*request.add_files(),
                     UploadBytes(loader.By("trial"), file.content, file.name));
    RETURN_IF_ERROR(Import(loader, request));
  }
  mv1::DeclareNoDataHeld health;
  health.set_dataset_id("westmoor-health-no-data");
  health.set_agency("westmoor-health");
  health.set_reason("attendances are not recorded by place");
  return loader.Do("trial", Metrics("DeclareNoDataHeld"), health);
}

absl::StatusOr<std::string> CreateSite(Loader& loader, const std::string& name,
                                       const std::vector<std::string>& codes) {
  iv1::CreateSite request;
  request.set_name(name);
  for (const std::string& code : codes) {
    auto* area = request.add_areas();
    area->mutable_set()->set_kind("ward");
    area->mutable_set()->set_vintage("2022");
    area->set_code(code);
  }
  // The areas reach the initiative a moment after the import.
  Receipt receipt;
  RETURN_IF_ERROR(loader.DoSoon("coordinator", Initiative("CreateSite"), request, receipt));
  return IdOf(receipt);
}

absl::StatusOr<std::string> ReferenceOf(Loader& loader, std::string_view as) {
  directory::v1::Session session;
  RETURN_IF_ERROR(loader.By(as).Call("/holdfast.directory.v1.SessionService/GetSession",
                                     directory::v1::GetSessionRequest(), session));
  return session.actor_ref();
}

absl::Status SignUp(Loader& loader, const std::string& site) {
  constexpr std::pair<const char*, type::v1::Agency::Type> kAgencies[] = {
      {"westmoor-police", type::v1::Agency::POLICE},
      {"westmoor-council", type::v1::Agency::COUNCIL},
      {"westmoor-housing", type::v1::Agency::HOUSING},
      {"westmoor-health", type::v1::Agency::HEALTH}};
  for (const auto& [agency, type] : kAgencies) {
    iv1::SignUpAgency request;
    request.set_site_id(site);
    request.set_agency(agency);
    request.set_type(type);
    *request.mutable_signed_on() = Day("2025-03-01");
    RETURN_IF_ERROR(loader.Do("coordinator", Initiative("SignUpAgency"), request));
  }
  return absl::OkStatus();
}

absl::Status NamePeople(Loader& loader, const std::string& site) {
  struct Holder {
    type::v1::Duty::Code duty;
    const char* as;
    const char* agency;
  };
  constexpr Holder kSponsors[] = {
      {type::v1::Duty::CHIEF_OFFICER, "senior-sponsor", "westmoor-police"},
      {type::v1::Duty::COUNCIL_DIRECTOR, "partner", "westmoor-council"},
      {type::v1::Duty::ELECTED_MEMBER, "community", "westmoor-council"}};
  for (const Holder& holder : kSponsors) {
    iv1::NameSponsor request;
    request.set_site_id(site);
    request.set_duty(holder.duty);
    ASSIGN_OR_RETURN(*request.mutable_holder_ref(), ReferenceOf(loader, holder.as));
    request.set_agency(holder.agency);
    *request.mutable_named_on() = Day("2025-03-01");
    RETURN_IF_ERROR(loader.Do("trial", Initiative("NameSponsor"), request));
  }
  iv1::AppointOfficer sro;
  sro.set_site_id(site);
  sro.set_duty(type::v1::Duty::SRO);
  ASSIGN_OR_RETURN(*sro.mutable_holder_ref(), ReferenceOf(loader, "sro"));
  sro.set_agency("westmoor-police");
  *sro.mutable_appointed_on() = Day("2025-03-01");
  return loader.Do("trial", Initiative("AppointOfficer"), sro);
}

absl::Status Record(Loader& loader, const std::string& site, std::string_view criterion,
                    std::string_view day, std::optional<std::int64_t> value = std::nullopt) {
  iv1::RecordEvidence request;
  request.set_site_id(site);
  request.set_criterion(std::string(criterion));
  request.mutable_ref()->set_system("partnership file");
  request.mutable_ref()->set_id(absl::StrCat("WM-", std::string(criterion)));
  *request.mutable_observed_on() = Day(day);
  if (value) request.set_value(*value);
  return loader.Do("coordinator", Initiative("RecordEvidence"), request);
}

absl::Status Open(Loader& loader, const std::string& site, iv1::Phase::Code phase,
                  std::string_view day, std::string_view lead) {
  iv1::OpenPhase request;
  request.set_site_id(site);
  request.set_phase(phase);
  *request.mutable_opened_on() = Day(day);
  request.set_lead_agency(std::string(lead));
  // The baseline reaches the gate a moment after the lock.
  return loader.DoSoon("coordinator", Initiative("OpenPhase"), request);
}

absl::Status Close(Loader& loader, const std::string& site, iv1::Phase::Code phase,
                   std::string_view day) {
  iv1::ClosePhase request;
  request.set_site_id(site);
  request.set_phase(phase);
  *request.mutable_closed_on() = Day(day);
  request.set_reason("the time box ended");
  return loader.Do("coordinator", Initiative("ClosePhase"), request);
}

absl::Status LockBaseline(Loader& loader, const std::string& site) {
  mv1::ChooseComparators comparators;
  comparators.set_site_id(site);
  comparators.mutable_set()->set_kind("ward");
  comparators.mutable_set()->set_vintage("2022");
  for (const char* code : {"X05000010", "X05000014", "X05000016"}) comparators.add_codes(code);
  comparators.add_displacement_codes("X05000008");
  comparators.set_rationale("closest monthly course in the 36 months before");
  // The site reaches metrics a moment after it was created.
  RETURN_IF_ERROR(loader.DoSoon("analyst", Metrics("ChooseComparators"), comparators));
  mv1::LockBaselineRequest lock;
  lock.set_site_id(site);
  *lock.mutable_from() = Month("2022-07");
  *lock.mutable_to() = Month("2025-06");
  constexpr std::pair<mv1::Gate::Code, std::string_view> kWaived[] = {
      {mv1::Gate::G3_PUNCTUALITY, "the extracts were delivered together, after the event"},
      {mv1::Gate::G8_SURVEY, "the first survey wave was in the field when Clear began"},
      {mv1::Gate::G9_REGISTRATION, "the evaluation is registered on paper"}};
  for (const auto& [gate, reason] : kWaived) {
    auto* waiver = lock.add_waive();
    waiver->set_gate(gate);
    waiver->set_reason(std::string(reason));
  }
  // So do the agencies and the SRO: until they are there, a waiver of the SRO is refused.
  return loader.DoSoon("sro", Metrics("LockBaseline"), lock);
}

// Larkhill: every gate passed in order.
absl::Status LoadLarkhill(Loader& loader) {
  ASSIGN_OR_RETURN(const std::string site, CreateSite(loader, "Larkhill", loader.data().larkhill));
  RETURN_IF_ERROR(SignUp(loader, site));
  RETURN_IF_ERROR(NamePeople(loader, site));
  iv1::NameBrand brand;
  brand.set_site_id(site);
  brand.set_brand("Larkhill Together");
  brand.set_chosen_by(iv1::BrandChoice::RESIDENTS);
  RETURN_IF_ERROR(loader.Do("coordinator", Initiative("NameBrand"), brand));
  RETURN_IF_ERROR(Record(loader, site, "local-profile-published", "2025-03-10"));
  RETURN_IF_ERROR(Open(loader, site, iv1::Phase::PREPARE, "2025-03-15", "westmoor-police"));
  RETURN_IF_ERROR(LockBaseline(loader, site));
  for (const std::string_view criterion :
       {"profile-in-date", "hold-plan-approved", "lro-trained", "hold-resource-committed",
        "comms-plan-agreed", "kick-off-held", "community-impact-assessment", "morile-scored"}) {
    RETURN_IF_ERROR(Record(loader, site, criterion, "2025-06-20"));
  }
  RETURN_IF_ERROR(Record(loader, site, "survey-wave-0", "2025-06-20", 143));
  RETURN_IF_ERROR(Open(loader, site, iv1::Phase::CLEAR, "2025-07-01", "westmoor-police"));
  RETURN_IF_ERROR(Close(loader, site, iv1::Phase::PREPARE, "2025-07-01"));
  RETURN_IF_ERROR(Record(loader, site, "patrol-plan-hot-spot", "2025-09-20"));
  RETURN_IF_ERROR(Open(loader, site, iv1::Phase::HOLD, "2025-10-01", "westmoor-housing"));
  RETURN_IF_ERROR(Close(loader, site, iv1::Phase::CLEAR, "2025-12-31"));
  RETURN_IF_ERROR(Record(loader, site, "neutral-chair-accepted", "2026-02-20"));
  RETURN_IF_ERROR(Record(loader, site, "kick-off-held", "2026-02-20"));
  RETURN_IF_ERROR(Open(loader, site, iv1::Phase::BUILD, "2026-03-01", "westmoor-council"));
  mv1::MarkBreak boundary;
  boundary.set_site_id(site);
  boundary.set_break_id("recording-2024");
  boundary.set_kind(mv1::Break::RECORDING);
  *boundary.mutable_from() = Day("2024-04-01");
  boundary.set_text("New recording system of the force");
  return loader.Do("analyst", Metrics("MarkBreak"), boundary);
}

// Fernley: a force that joined midway. Its CLEAR was over before the site was entered, so its
// baseline is retrospective for good. It was chosen because it was high, and nothing worked there:
// the charts must not claim an effect.
absl::Status LoadFernley(Loader& loader) {
  ASSIGN_OR_RETURN(const std::string site, CreateSite(loader, "Fernley", loader.data().fernley));
  iv1::RecordPastPhase past;
  past.set_site_id(site);
  past.set_phase(iv1::Phase::CLEAR);
  *past.mutable_from() = Day("2025-07-01");
  *past.mutable_to() = Day("2025-09-30");
  past.set_source("minutes of the strategic board, October 2025");
  return loader.Do("coordinator", Initiative("RecordPastPhase"), past);
}

absl::Status WriteTruth(const std::string& file, const std::string& truth) {
  if (file.empty()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  std::ofstream out(file);
  out << truth;
  return out ? absl::OkStatus()
             : absl::UnavailableError(absl::StrCat(file, " could not be written."));
}

}  // namespace

absl::Status LoadWestmoor(Session& session, const LoadOptions& options) {
  const std::unique_ptr<Session> trial = session.As(kTenant, "trial");
  if (options.if_empty) {
    iv1::ListSitesResponse sites;
    RETURN_IF_ERROR(trial->Call(Initiative("ListSites"), iv1::ListSitesRequest(), sites));
    // Two sites: the last step has begun; every step repeats without effect, so an unfinished load
    // is finished.
    if (sites.sites_size() >= 2) {
      Say("The demonstration is loaded already.");
      return absl::OkStatus();
    }
  }
  const Westmoor data = MakeWestmoor();
  Loader loader(session, data);
  struct Step {
    const char* says;
    absl::Status (*run)(Loader&);
  };
  constexpr Step kSteps[] = {{"areas, residents, severity weights", LoadReference},
                             {"48 months of crime, one of them missing", LoadCrime},
                             {"what partners count", LoadSeries},
                             {"the site Larkhill", LoadLarkhill},
                             {"the site Fernley", LoadFernley}};
  for (const Step& step : kSteps) {
    Say(absl::StrCat("demonstration: ", step.says));
    RETURN_IF_ERROR(step.run(loader));
  }
  return WriteTruth(options.truth_file, data.truth_json);
}

}  // namespace holdfast::cli::demo
