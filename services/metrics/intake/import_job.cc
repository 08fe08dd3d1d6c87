#include "metrics/intake/import_job.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "ingest/file_set.h"
#include "ingest/police_uk_files.h"
#include "ingest/profiles.h"
#include "ingest/series_reader.h"
#include "metrics/domain/extract.h"
#include "metrics/views/dataset_list.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/month_tally.h"
#include "metrics/views/set_tally.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {
namespace {

constexpr int kFaultsListed = 100;
constexpr int kFaultsNoted = 10'000;

type::v1::Month ToMonth(absl::CivilMonth month) {
  type::v1::Month out;
  out.set_year(static_cast<std::int32_t>(month.year()));
  out.set_month(month.month());
  return out;
}

std::string BaseName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// "council-fly-tipping.csv" -> "council-fly-tipping".
std::string SlugOfFile(std::string_view path) {
  std::string slug;
  const std::string name = BaseName(path);
  for (const char c : std::string_view(name).substr(0, name.rfind('.'))) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      slug.push_back(c);
    } else if (c >= 'A' && c <= 'Z') {
      slug.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if (!slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  if (slug.size() > 64) slug.resize(64);
  return slug.empty() ? "series" : slug;
}

v1::RowFault ToProto(const ingest::RowFault& fault) {
  v1::RowFault out;
  out.set_file(fault.file);
  out.set_line(fault.line);
  out.set_field(fault.field);
  out.set_rule(fault.rule);
  out.set_code(fault.code);
  return out;
}

std::uint32_t LastRevision(const v1::ExtractListRow& row) {
  return row.revisions().empty() ? 0 : row.revisions().rbegin()->opened().revision();
}

bool IsCurrent(const v1::ExtractListRow& row, const Delivery& delivery) {
  const auto* current = CurrentRevision(row);
  return current != nullptr && current->opened().rows() == delivery.rows.size() &&
         current->opened().digest() == AsBytes(delivery.digest.ToHash());
}

bool IsOpen(const v1::ExtractListRow& row, const Delivery& delivery) {
  const auto* open = OpenRevision(row);
  return open != nullptr && open->opened().rows() == delivery.rows.size() &&
         open->opened().file_sha256() == delivery.file_sha256 &&
         open->opened().digest() == AsBytes(delivery.digest.ToHash());
}

absl::Status PlanStale(std::string_view dataset, absl::CivilMonth month) {
  return ErrorWithReason(absl::StatusCode::kAborted, "PLAN_STALE",
                         "The data has changed since the plan; plan the import again.",
                         {{"dataset", std::string(dataset)}, {"month", FormatMonth(month)}});
}

// The row of a month, empty where there is none yet.
absl::StatusOr<v1::ExtractListRow> HeldMonth(const readmodel::Reader& reader,
                                             const Delivery& delivery) {
  ASSIGN_OR_RETURN(auto row,
                   reader.Get<ExtractList>(MonthKey(delivery.dataset.id, ToMonth(delivery.month))));
  if (row) return *std::move(row);
  v1::ExtractListRow none;
  none.set_dataset_id(delivery.dataset.id);
  *none.mutable_month() = ToMonth(delivery.month);
  return none;
}

// Refuses a file of which no row can be taken by what is wrong with its first one.
absl::Status NoRow(const std::string& path, const ingest::Series& series) {
  if (series.faults.empty()) return ingest::StructureFault(path, 1, "the file has no row");
  const ingest::RowFault& fault = series.faults.front();
  return ingest::StructureFault(
      path, fault.line,
      absl::StrCat("no row of the file can be taken; this one: ",
                   fault.field.empty() ? "" : fault.field + ": ", fault.rule));
}

// A dataset that is known keeps its agency and its title: what the request leaves out is as it was,
// and another one is refused before anything is read against it.
absl::Status KeepIdentity(const readmodel::Reader& reader, const v1::PlanImportRequest& request,
                          DatasetFacts& dataset) {
  ASSIGN_OR_RETURN(const auto row, reader.Get<DatasetList>(dataset.id));
  if (!row || !row->has_dataset()) return absl::OkStatus();
  const v1::DatasetRegistered& known = row->dataset();
  std::vector<FieldViolation> violations;
  if (known.kind() != dataset.kind) {
    violations.push_back(
        {"dataset_id", "not the id of a dataset of another profile; name another"});
  }
  if (!request.agency().empty() && request.agency() != known.agency()) {
    violations.push_back({"agency",
                          "the agency whose this dataset is, or empty; for another agency's series "
                          "name another dataset_id"});
  }
  if (!request.title().empty() && request.title() != known.title()) {
    violations.push_back({"title",
                          "the title that this dataset has, or empty; for another title name "
                          "another dataset_id"});
  }
  if (!violations.empty()) return InvalidFields(violations);
  dataset.agency = known.agency();
  dataset.title = known.title();
  return absl::OkStatus();
}

absl::Status AnotherIsOpen(const v1::ExtractListRow& held_month,
                           const v1::ExtractListRow::Revision& open) {
  return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "REVISION_OPEN",
                         "Another delivery of this month is open; finish or abandon it first.",
                         {{"extract", ExtractId(held_month.dataset_id(), held_month.month())},
                          {"revision", absl::StrCat(open.opened().revision())}});
}

// The revision that counts; 0 where none does yet.
std::uint32_t BaseOf(const v1::ExtractListRow& held_month) {
  const auto* current = CurrentRevision(held_month);
  return current == nullptr ? 0 : current->opened().revision();
}

// What was planned for the delivery's month; null where nothing was.
const v1::MonthPlan* FindMonth(const v1::ImportPlan& plan, const Delivery& delivery) {
  const auto planned = std::ranges::find_if(plan.months(), [&](const v1::MonthPlan& month) {
    return month.dataset_id() == delivery.dataset.id &&
           absl::CivilMonth(month.month().year(), month.month().month()) == delivery.month;
  });
  return planned == plan.months().end() ? nullptr : &*planned;
}

// A revision of the month, opened anew; the sets of areas are not named yet.
v1::OpenExtract OpeningOf(const Delivery& delivery, const v1::ExtractListRow& held_month,
                          const v1::ImportPlan& plan) {
  v1::OpenExtract open;
  open.set_extract_id(ExtractId(delivery.dataset.id, ToMonth(delivery.month)));
  open.set_dataset_id(delivery.dataset.id);
  *open.mutable_month() = ToMonth(delivery.month);
  open.set_mode(v1::Extract::SNAPSHOT);
  open.set_revision(LastRevision(held_month) + 1);
  open.set_base(BaseOf(held_month));
  open.set_file_sha256(delivery.file_sha256);
  open.set_file_name(BaseName(delivery.file));
  open.set_rows(delivery.rows.size());
  open.set_rejected(delivery.rejected);
  open.set_digest(std::string(AsBytes(delivery.digest.ToHash())));
  open.set_import_id(plan.token());
  open.set_with_point(delivery.with_point);
  return open;
}

void CountReceipt(const type::v1::Receipt& receipt, v1::ImportResult& result) {
  if (!receipt.already_so() && !receipt.repeated()) result.set_events(result.events() + 1);
  if (receipt.position().seq() >= result.receipt().position().seq()) {
    *result.mutable_receipt() = receipt;
  }
}

// How many of the plan's months are held, and how many were accepted now.
absl::Status CountExtracts(const readmodel::Reader& reader, v1::ImportResult& result) {
  std::uint32_t quarantined = 0;
  std::uint32_t accepted = 0;
  for (const auto& month : result.plan().months()) {
    ASSIGN_OR_RETURN(const auto row,
                     reader.Get<ExtractList>(MonthKey(month.dataset_id(), month.month())));
    if (!row) continue;
    const auto* open = OpenRevision(*row);
    const auto* current = CurrentRevision(*row);
    if (open != nullptr && open->quarantined()) {
      ++quarantined;
    } else if (current != nullptr && current->opened().digest() == month.digest()) {
      ++accepted;
    }
  }
  result.set_extracts_quarantined(quarantined);
  result.set_extracts_accepted(accepted - std::min(accepted, result.extracts_unchanged()));
  return absl::OkStatus();
}

// All rows recorded: there is nothing to compare with.
ingest::RowChanges AllRecorded(std::size_t rows) {
  ingest::RowChanges changes;
  changes.recorded.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) changes.recorded[i] = static_cast<std::uint32_t>(i);
  return changes;
}

// Indexes into the resolver's sets.
std::vector<std::size_t> IndexesOf(const AreaResolver& resolver, const AreaSets& wanted) {
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < resolver.sets().size(); ++i) {
    const bool named = std::ranges::any_of(wanted, [&](const type::v1::AreaSet& set) {
      return SetKey(set) == SetKey(resolver.sets()[i]);
    });
    if (named) indexes.push_back(i);
  }
  return indexes;
}

std::vector<std::size_t> Without(const std::vector<std::size_t>& all,
                                 const std::vector<std::size_t>& some) {
  std::vector<std::size_t> rest;
  std::ranges::set_difference(all, some, std::back_inserter(rest));
  return rest;
}

void AddMissingMonths(v1::ImportPlan& plan) {
  std::map<std::string, std::set<absl::CivilMonth>> months;
  for (const auto& month : plan.months()) {
    // A file of a force that is not the territorial one may be absent: that is no crime, not a gap.
    if (month.dataset_id() == "btp-street") continue;
    months[month.dataset_id()].insert(
        absl::CivilMonth(month.month().year(), month.month().month()));
  }
  for (const auto& [dataset, present] : months) {
    for (absl::CivilMonth m = *present.begin(); m < *present.rbegin(); ++m) {
      if (present.contains(m)) continue;
      v1::MissingMonth& missing = *plan.add_missing();
      missing.set_dataset_id(dataset);
      *missing.mutable_month() = ToMonth(m);
    }
  }
}

}  // namespace

std::string PlanNoteName(const std::string& token) {
  return token + ".plan";
}
std::string ErrorsNoteName(const std::string& token) {
  return token + ".errors.csv";
}

ImportJob::ImportJob(v1::PlanImportRequest request, app::CallContext& call)
    : request_(std::move(request)), call_(call), uploads_(call.tenant_folder()) {}

absl::StatusOr<std::unique_ptr<ImportJob>> ImportJob::Create(const v1::PlanImportRequest& request,
                                                             app::CallContext& call) {
  std::unique_ptr<ImportJob> job(new ImportJob(request, call));
  RETURN_IF_ERROR(ingest::FindProfile(request.profile()).status());
  ASSIGN_OR_RETURN(job->resolver_, AreaResolver::Load(call.reader()));
  return job;
}

std::vector<std::size_t> ImportJob::AllSets() const {
  std::vector<std::size_t> all(resolver_->sets().size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

absl::Status ImportJob::EachDelivery(absl::FunctionRef<absl::Status(Delivery&)> use) {
  ASSIGN_OR_RETURN(const ingest::Profile* profile, ingest::FindProfile(request_.profile()));
  if (profile->name == "police-uk-street") return EachStreetFile(use);
  if (profile->name == "agency-series") return EachSeriesMonth(use);
  return InvalidFields({{"profile", "police-uk-street or agency-series"}});
}

absl::Status ImportJob::EachStreetFile(absl::FunctionRef<absl::Status(Delivery&)> use) {
  std::set<std::string> seen;
  for (const auto& uploaded : request_.files()) {
    ASSIGN_OR_RETURN(const OpenFile file, uploads_.Open(uploaded.sha256()));
    ASSIGN_OR_RETURN(const auto files,
                     ingest::FileSet::FromDescriptor(uploaded.name(), file.descriptor()));
    ASSIGN_OR_RETURN(const ingest::PoliceUkFiles found, ingest::FindStreetFiles(*files));
    for (const ingest::StreetFile& street : found.street) {
      if (call_.cancelled()) return absl::CancelledError("the caller went away");
      ASSIGN_OR_RETURN(const auto source, files->OpenEntry(street.entry));
      ASSIGN_OR_RETURN(Delivery delivery,
                       ReadStreetDelivery(call_.reader().tenant(), *source, street));
      if (!seen.insert(ExtractId(delivery.dataset.id, ToMonth(delivery.month))).second) {
        return ingest::StructureFault(street.path, 1,
                                      "another file of this import holds the same force and month");
      }
      RETURN_IF_ERROR(use(delivery));
    }
  }
  return absl::OkStatus();
}

// The set that the caller names; else the newest that has all codes; else the one that has most.
absl::StatusOr<std::size_t> ImportJob::SetOfSeries(const std::vector<std::string>& codes) const {
  if (resolver_->sets().empty()) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NO_AREAS",
                           "No areas are loaded yet; import the geography first.");
  }
  std::optional<std::size_t> best;
  std::size_t most = 0;
  for (std::size_t i = 0; i < resolver_->sets().size(); ++i) {
    const auto& set = resolver_->sets()[i];
    if (!request_.kind().empty() && set.kind() != request_.kind()) continue;
    if (!request_.vintage().empty() && set.vintage() != request_.vintage()) continue;
    const auto known = static_cast<std::size_t>(std::ranges::count_if(
        codes, [&](const std::string& code) { return resolver_->Knows(i, code); }));
    if (!best || known >= most) {
      best = i;
      most = known;
    }
  }
  if (!best) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NO_AREAS",
                           "No set of areas of this kind and vintage is loaded.");
  }
  return *best;
}

absl::StatusOr<DatasetFacts> ImportJob::DatasetOfSeries(const std::string& path) const {
  DatasetFacts dataset;
  dataset.id = request_.dataset_id().empty() ? SlugOfFile(path) : request_.dataset_id();
  dataset.kind = v1::DatasetKind::AGENCY_SERIES;
  dataset.agency = request_.agency().empty() ? "partner" : request_.agency();
  dataset.title = request_.title().empty() ? dataset.id : request_.title();
  dataset.profile = "agency-series@1";
  RETURN_IF_ERROR(KeepIdentity(call_.reader(), request_, dataset));
  return dataset;
}

absl::StatusOr<std::map<absl::CivilMonth, Delivery>> ImportJob::ReadMonths(
    DatasetFacts dataset, const std::string& path, ingest::ByteSource& source) const {
  SeriesFile file;
  file.dataset = std::move(dataset);
  file.path = path;
  const auto know =
      [&](const std::vector<std::string>& codes) -> absl::StatusOr<ingest::AreaCodes> {
    ASSIGN_OR_RETURN(file.given_set, SetOfSeries(codes));
    ingest::AreaCodes known;
    for (const std::string& code : codes) {
      if (resolver_->Knows(file.given_set, code)) known.insert(code);
    }
    return known;
  };
  ingest::HashingSource hashing(source);
  ASSIGN_OR_RETURN(ingest::Series series, ingest::ReadSeries(hashing, path, know));
  if (series.rows.empty()) return NoRow(path, series);
  file.sha256 = std::string(AsBytes(hashing.Finish()));
  return MonthsOfSeries(call_.reader().tenant(), file, std::move(series));
}

absl::Status ImportJob::EachSeriesMonth(absl::FunctionRef<absl::Status(Delivery&)> use) {
  std::set<std::string> datasets;
  for (const auto& uploaded : request_.files()) {
    ASSIGN_OR_RETURN(const OpenFile file, uploads_.Open(uploaded.sha256()));
    ASSIGN_OR_RETURN(const auto files,
                     ingest::FileSet::FromDescriptor(uploaded.name(), file.descriptor()));
    for (std::size_t entry = 0; entry < files->entries().size(); ++entry) {
      const std::string& path = files->entries()[entry].path;
      ASSIGN_OR_RETURN(const auto source, files->OpenEntry(entry));
      ASSIGN_OR_RETURN(DatasetFacts dataset, DatasetOfSeries(path));
      if (!datasets.insert(dataset.id).second) {
        return ingest::StructureFault(path, 1, "another file of this import is the same dataset");
      }
      ASSIGN_OR_RETURN(auto months, ReadMonths(std::move(dataset), path, *source));
      for (auto& [month, delivery] : months) RETURN_IF_ERROR(use(delivery));
    }
  }
  return absl::OkStatus();
}

std::uint64_t ImportJob::CountUnlocated(Delivery& delivery) const {
  if (delivery.given_set) return 0;
  std::vector<signed char> located(delivery.store->places(), -1);
  std::uint64_t unlocated = 0;
  for (const RowStore::Row& row : delivery.rows) {
    signed char& known = located[row.place];
    if (known < 0) {
      const RowStore::Place& place = delivery.store->place(row.place);
      known = 0;
      for (std::size_t s = 0; s < resolver_->sets().size() && known == 0; ++s) {
        const ResolvedArea area = resolver_->Resolve(s, place.has_point, place.lon_e6, place.lat_e6,
                                                     delivery.store->text(place.lsoa_code));
        known = area.code.empty() ? 0 : 1;
      }
    }
    if (known == 0) ++unlocated;
  }
  return unlocated;
}

// The months before count as they would once the plan is applied.
absl::Status ImportJob::PlanHold(const Delivery& delivery, const v1::ImportPlan& plan,
                                 v1::MonthPlan& month) const {
  v1::ExtractOpened opened;
  *opened.mutable_month() = month.month();
  opened.set_rows(month.accepted());
  opened.set_rejected(month.rejected());
  std::vector<std::uint64_t> rows_before;
  for (int back = 1; back <= Extract::kMedianMonths; ++back) {
    const type::v1::Month before = ToMonth(delivery.month - back);
    const auto planned = std::ranges::find_if(plan.months(), [&](const v1::MonthPlan& other) {
      return other.dataset_id() == delivery.dataset.id && other.month().year() == before.year() &&
             other.month().month() == before.month() && !other.would_quarantine();
    });
    if (planned != plan.months().end()) {
      rows_before.push_back(planned->accepted());
      continue;
    }
    ASSIGN_OR_RETURN(const auto held,
                     call_.reader().Get<ExtractList>(MonthKey(delivery.dataset.id, before)));
    const auto* current = held ? CurrentRevision(*held) : nullptr;
    if (current != nullptr) rows_before.push_back(current->opened().rows());
  }
  const v1::ExtractQuarantined held =
      ReasonsToHold(opened, rows_before, delivery.dataset.territorial);
  month.set_would_quarantine(!held.reasons().empty());
  for (const int reason : held.reasons()) {
    month.add_would_hold_for(
        v1::ExtractQuarantined::Reason_Name(static_cast<v1::ExtractQuarantined::Reason>(reason)));
  }
  return absl::OkStatus();
}

absl::Status ImportJob::PlanMonth(Delivery& delivery, v1::ImportPlan& plan) {
  const std::string& tenant = call_.reader().tenant();
  if (absl::CivilDay(delivery.month) > LondonDay(call_.now())) {
    return absl::InvalidArgumentError(
        absl::StrCat(delivery.file, ": month ", FormatMonth(delivery.month),
                     " has not begun yet; mend the month, or import the file once it has"));
  }
  ASSIGN_OR_RETURN(const v1::ExtractListRow held_month, HeldMonth(call_.reader(), delivery));
  v1::MonthPlan& month = *plan.add_months();
  month.set_dataset_id(delivery.dataset.id);
  *month.mutable_month() = ToMonth(delivery.month);
  month.set_file(delivery.file);
  month.set_accepted(delivery.rows.size());
  month.set_rejected(delivery.rejected);
  month.set_rows_in(month.accepted() + month.rejected());
  month.set_unlocated(CountUnlocated(delivery));
  month.set_digest(std::string(AsBytes(delivery.digest.ToHash())));
  const auto* open = OpenRevision(held_month);
  month.set_revision(open != nullptr ? open->opened().revision() : LastRevision(held_month) + 1);
  RETURN_IF_ERROR(PlanHold(delivery, plan, month));
  const auto* current = CurrentRevision(held_month);
  if (current != nullptr) month.set_base_revision(current->opened().revision());
  if (IsCurrent(held_month, delivery)) {
    month.set_unchanged(delivery.rows.size());
  } else {
    ASSIGN_OR_RETURN(const auto held, ReadHeldRows(call_.reader(), held_month, tenant, delivery));
    const ingest::RowChanges changes =
        held.empty() ? AllRecorded(delivery.rows.size()) : Compare(delivery, held, tenant);
    month.set_new_rows(changes.recorded.size());
    month.set_changed(changes.reclassified.size() + changes.relocated.size() +
                      changes.outcome_changed.size());
    month.set_unchanged(changes.unchanged);
    month.set_withdrawn(changes.cancelled.size());
  }
  plan.set_rows_in(plan.rows_in() + month.rows_in());
  plan.set_accepted(plan.accepted() + month.accepted());
  plan.set_unlocated(plan.unlocated() + month.unlocated());
  plan.set_rejected(plan.rejected() + month.rejected());
  plan.set_new_rows(plan.new_rows() + month.new_rows());
  plan.set_changed(plan.changed() + month.changed());
  plan.set_unchanged(plan.unchanged() + month.unchanged());
  plan.set_withdrawn(plan.withdrawn() + month.withdrawn());
  plan.set_warnings(plan.warnings() + delivery.warnings);
  NoteFaults(delivery, plan);
  return absl::OkStatus();
}

void ImportJob::NoteFaults(const Delivery& delivery, v1::ImportPlan& plan) {
  note_.set_faults_total(note_.faults_total() + delivery.faults.size());
  for (const auto& fault : delivery.faults) {
    if (plan.faults_size() < kFaultsListed) *plan.add_faults() = ToProto(fault);
    if (note_.faults_size() < kFaultsNoted) *note_.add_faults() = ToProto(fault);
  }
  // One header for all files: those of one profile have the same columns.
  const std::size_t header = errors_csv_.empty() ? 0
                                                 : std::min(delivery.errors_csv.size(),
                                                            delivery.errors_csv.find('\n') + 1);
  errors_csv_.append(delivery.errors_csv, header);
}

absl::StatusOr<v1::ImportPlan> ImportJob::Plan() {
  v1::ImportPlan plan;
  ASSIGN_OR_RETURN(const ingest::Profile* profile, ingest::FindProfile(request_.profile()));
  plan.set_profile(profile->Id());
  for (const auto& set : resolver_->sets()) *plan.add_area_sets() = set;
  note_.Clear();
  errors_csv_.clear();
  RETURN_IF_ERROR(EachDelivery([&](Delivery& delivery) { return PlanMonth(delivery, plan); }));
  AddMissingMonths(plan);

  Sha256 token;
  token.Update(plan.profile());
  for (const auto& file : request_.files()) token.Update(file.sha256()).Update(file.name());
  for (const std::string* word :
       {&request_.agency(), &request_.title(), &request_.kind(), &request_.vintage()}) {
    token.Update(*word).Update(std::string_view("\0", 1));
  }
  for (const auto& month : plan.months()) {
    std::string position = ExtractId(month.dataset_id(), month.month());
    AppendBigEndian32(position, month.base_revision());
    AppendBigEndian32(position, month.revision());
    token.Update(position).Update(month.digest());
  }
  plan.set_token(ToHex(AsBytes(token.Finish())));
  *note_.mutable_request() = request_;
  *note_.mutable_plan() = plan;
  RETURN_IF_ERROR(uploads_.WriteNote(ErrorsNoteName(plan.token()), errors_csv_));
  RETURN_IF_ERROR(uploads_.WriteNote(PlanNoteName(plan.token()), note_.SerializeAsString()));
  return plan;
}

void ImportJob::RegisterOnce(const Delivery& delivery) {
  const DatasetFacts& facts = delivery.dataset;
  if (!registered_.emplace(facts.id, true).second) return;
  auto dataset = std::make_unique<v1::RegisterDataset>();
  dataset->set_dataset_id(facts.id);
  dataset->set_kind(facts.kind);
  dataset->set_agency(facts.agency);
  dataset->set_title(facts.title);
  dataset->set_force(facts.force);
  dataset->set_territorial(facts.territorial);
  dataset->set_profile(facts.profile);
  dataset->set_lag_days(60);
  call_.Start({std::move(dataset), "dataset/" + facts.id});
  if (facts.kind != v1::DatasetKind::AGENCY_SERIES) return;
  auto measure = std::make_unique<v1::DefineMeasure>();
  measure->set_measure_id(facts.id);
  v1::MeasureDefinition& definition = *measure->mutable_definition();
  definition.set_title(facts.title);
  definition.set_plain_title(facts.title);
  definition.set_family(v1::Measure::THREAT);
  definition.set_kind(v1::Measure::OUTCOME);
  definition.set_unit(v1::Measure::COUNT);
  definition.add_datasets(facts.id);
  definition.add_basket(facts.id);
  definition.set_agency(facts.agency);
  definition.set_polarity(v1::Measure::LOWER_IS_BETTER);
  call_.Start({std::move(measure), "measure/" + facts.id});
}

absl::Status ImportJob::ApplyMonth(Delivery& delivery, const v1::ImportPlan& plan,
                                   v1::ImportResult& result) {
  ASSIGN_OR_RETURN(const v1::ExtractListRow held_month, HeldMonth(call_.reader(), delivery));
  if (IsCurrent(held_month, delivery)) {
    result.set_extracts_unchanged(result.extracts_unchanged() + 1);
    return absl::OkStatus();
  }
  const auto* open = OpenRevision(held_month);
  const bool same_file = IsOpen(held_month, delivery);
  if (open != nullptr && !same_file) return AnotherIsOpen(held_month, *open);
  if (same_file && open->quarantined()) return absl::OkStatus();  // held; counted at the end
  const auto* planned = FindMonth(plan, delivery);
  if (planned == nullptr || planned->base_revision() != BaseOf(held_month)) {
    return PlanStale(delivery.dataset.id, delivery.month);
  }
  RegisterOnce(delivery);
  return SendChange(delivery, held_month, plan);
}

// Goes on with the revision of this very file that an interruption left open, where it can.
absl::Status ImportJob::SendChange(Delivery& delivery, const v1::ExtractListRow& held_month,
                                   const v1::ImportPlan& plan) {
  const std::vector<std::size_t> sets =
      delivery.given_set ? std::vector<std::size_t>{*delivery.given_set} : AllSets();
  MonthChange change{OpeningOf(delivery, held_month, plan)};
  if (const auto* open = OpenRevision(held_month); open != nullptr) {
    if (ResolvedBy(open->opened(), *resolver_, sets)) {
      change.open.set_revision(open->opened().revision());
      change.first_seq = open->next_seq();
    } else {
      SendAbandon(call_, open->opened());
    }
  }
  NameSets(*resolver_, sets, change.open);
  std::vector<RowStore::Row> held;
  std::vector<std::size_t> new_sets;
  ingest::RowChanges changes;
  if (const auto* current = CurrentRevision(held_month); current != nullptr) {
    const std::string& tenant = call_.reader().tenant();
    ASSIGN_OR_RETURN(held, ReadHeldRows(call_.reader(), held_month, tenant, delivery));
    changes = Compare(delivery, held, tenant);
    new_sets = Without(sets, IndexesOf(*resolver_, current->opened().area_sets()));
  } else {
    changes = AllRecorded(delivery.rows.size());
  }
  SendMonth(call_, delivery, *resolver_, change, held, changes, sets, new_sets);
  return absl::OkStatus();
}

absl::StatusOr<v1::ImportResult> ImportJob::Apply(const v1::ImportPlan& plan) {
  v1::ImportResult result;
  result.set_import_id(plan.token());
  *result.mutable_plan() = plan;
  absl::Status read =
      EachDelivery([&](Delivery& delivery) { return ApplyMonth(delivery, plan, result); });
  // What was sent stands, whatever stopped the reading.
  ASSIGN_OR_RETURN(const std::vector<type::v1::Receipt> receipts, call_.AwaitStarted());
  RETURN_IF_ERROR(read);
  for (const auto& receipt : receipts) CountReceipt(receipt, result);
  std::unique_ptr<readmodel::Reader> after;
  if (!receipts.empty()) {
    ASSIGN_OR_RETURN(after, call_.ReadAfter(result.receipt()));
  }
  RETURN_IF_ERROR(CountExtracts(after ? *after : call_.reader(), result));
  return result;
}

}  // namespace holdfast::metrics
