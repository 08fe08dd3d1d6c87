#include "metrics/intake/delivery.h"

#include <array>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/civil_time.h"
#include "base/status_macros.h"
#include "ingest/errors_file.h"
#include "ingest/street_reader.h"
#include "metrics/domain/extract.h"
#include "metrics/domain/row_block.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/extract_rows.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kFaultsKept = 10'000;

DatasetFacts StreetDataset(const std::string& force, std::string_view reported_by) {
  DatasetFacts dataset;
  dataset.id = force + "-street";
  dataset.kind = v1::DatasetKind::POLICE_UK_STREET;
  dataset.agency = "police";
  dataset.title = absl::StrCat("Street-level crime, ", std::string(reported_by));
  dataset.force = force;
  dataset.territorial = force != "btp";
  dataset.profile = "police-uk-street@1";
  return dataset;
}

// Folds the pieces of the revisions of a month, the oldest first, to the rows that count.
class HeldRows {
 public:
  HeldRows(Delivery& delivery, ingest::RowDigester& digester)
      : delivery_(delivery),
        digester_(digester),
        given_(delivery.dataset.kind == v1::DatasetKind::AGENCY_SERIES) {}

  // From here on rows may be taken out. Without corrections the order of the file is kept.
  void Correct() {
    if (std::exchange(corrected_, true)) return;
    for (std::size_t i = 0; i < first_.size(); ++i) counted_.emplace(contents_[i], first_[i]);
    first_.clear();
  }

  void Fold(const v1::RowsStaged& staged) {
    for (const v1::RowBlock* block : {&staged.recorded(), &staged.reclassified().to(),
                                      &staged.outcome_changed().to(), &staged.relocated().to()}) {
      delivery_.held_areas.Keep(*delivery_.store, *block, staged.area_sets(), given_);
      Add(*block);
    }
    delivery_.held_areas.Keep(*delivery_.store, staged.resolved(), staged.resolved_sets(), given_);
    for (const v1::RowBlock* block :
         {&staged.cancelled(), &staged.reclassified().from(), &staged.outcome_changed().from(),
          &staged.relocated().from()}) {
      Remove(*block);
    }
  }

  // The rows, or nothing where one was taken out that is not there.
  std::optional<std::vector<RowStore::Row>> Take() && {
    if (!whole_) return std::nullopt;
    for (const auto& [content, row] : counted_) first_.push_back(row);
    return std::move(first_);
  }

 private:
  void EachRow(const v1::RowBlock& block,
               absl::FunctionRef<void(const Hash&, const RowStore::Row&)> use) {
    const std::vector<std::string_view> ids = delivery_.store->IdsOf(block);
    for (std::uint32_t i = 0; i < block.rows(); ++i) {
      const RowStore::Row row =
          delivery_.store->FromBlock(block, static_cast<int>(i), ids[i], given_);
      use(ContentOf(delivery_, row, digester_), row);
    }
  }

  void Add(const v1::RowBlock& block) {
    EachRow(block, [this](const Hash& content, const RowStore::Row& row) {
      if (corrected_) {
        counted_.emplace(content, row);
      } else {
        first_.push_back(row);
        contents_.push_back(content);
      }
    });
  }

  void Remove(const v1::RowBlock& block) {
    EachRow(block, [this](const Hash& content, const RowStore::Row&) {
      const auto found = counted_.find(content);
      if (found == counted_.end()) {
        whole_ = false;
      } else {
        counted_.erase(found);
      }
    });
  }

  Delivery& delivery_;
  ingest::RowDigester& digester_;
  const bool given_;
  bool corrected_ = false;
  bool whole_ = true;
  std::vector<RowStore::Row> first_;  // until it is corrected
  std::vector<Hash> contents_;        // of `first_`
  std::multimap<Hash, RowStore::Row> counted_;
};

Delivery BeginMonth(const SeriesFile& file, absl::CivilMonth month) {
  Delivery delivery;
  delivery.dataset = file.dataset;
  delivery.month = month;
  delivery.file = file.path;
  delivery.file_sha256 = file.sha256;
  delivery.given_set = file.given_set;
  return delivery;
}

void AddRow(const ingest::SeriesRow& row, ingest::RowDigester& digester, Delivery& delivery) {
  RowStore::Place place;
  place.given_area = delivery.store->Intern(row.area);
  RowStore::Row kept;
  kept.place = delivery.store->InternPlace(place);
  kept.category = delivery.store->Intern(delivery.dataset.id);
  kept.count = static_cast<std::uint64_t>(row.count);
  delivery.rows.push_back(kept);
  delivery.contents.push_back(ContentOf(delivery, kept, digester));
  delivery.digest.Add(delivery.contents.back());
  ++delivery.with_point;
}

// Writes a rejected row's line into the delivery's file of errors, and keeps its faults.
void Reject(const ingest::StreetReader& reader, std::unique_ptr<ingest::ErrorsFile>& errors,
            Delivery& delivery) {
  ++delivery.rejected;
  if (errors == nullptr) {
    const std::vector<std::string_view> header(reader.header().begin(), reader.header().end());
    errors = std::make_unique<ingest::ErrorsFile>(header);
  }
  errors->Add(reader.fields(), reader.faults());
  delivery.errors_csv += errors->Take();
  for (const auto& fault : reader.faults()) {
    if (delivery.faults.size() < kFaultsKept) delivery.faults.push_back(fault);
  }
}

}  // namespace

std::string DatasetKey(std::string_view tenant, std::string_view dataset) {
  std::string name("holdfast dataset key 1");
  name.push_back('\0');
  name.append(tenant);
  name.push_back('\0');
  name.append(dataset);
  return std::string(AsBytes(Sha256Of(name)));
}

absl::StatusOr<Delivery> ReadStreetDelivery(std::string_view tenant, ingest::ByteSource& source,
                                            const ingest::StreetFile& file) {
  ingest::HashingSource hashing(source);
  ASSIGN_OR_RETURN(const auto reader, ingest::StreetReader::Open(hashing, file));
  Delivery delivery;
  delivery.file = file.path;
  std::unique_ptr<ingest::RowDigester> digester;
  std::unique_ptr<ingest::ErrorsFile> errors;
  while (true) {
    ASSIGN_OR_RETURN(const ingest::StreetReader::Item item, reader->Next());
    if (item == ingest::StreetReader::Item::kEnd) break;
    if (item == ingest::StreetReader::Item::kRejected) {
      Reject(*reader, errors, delivery);
      continue;
    }
    if (digester == nullptr) {
      delivery.dataset = StreetDataset(reader->force(), reader->reported_by());
      digester = std::make_unique<ingest::RowDigester>(DatasetKey(tenant, delivery.dataset.id));
    }
    const ingest::StreetRow& row = reader->row();
    delivery.rows.push_back(delivery.store->FromStreet(row));
    delivery.contents.push_back((*digester)(row));
    delivery.digest.Add(delivery.contents.back());
    if (row.has_point) ++delivery.with_point;
    if (!row.outcome_known) ++delivery.warnings;
  }
  if (digester == nullptr) delivery.dataset = StreetDataset(reader->force(), reader->force());
  if (!reader->month() || delivery.dataset.force.empty()) {
    return ingest::StructureFault(file.path, 1,
                                  "the file has no row that tells its month and force; name it "
                                  "YYYY-MM-<force>-street.csv");
  }
  delivery.month = *reader->month();
  delivery.file_sha256 = std::string(AsBytes(hashing.Finish()));
  return delivery;
}

std::map<absl::CivilMonth, Delivery> MonthsOfSeries(std::string_view tenant, const SeriesFile& file,
                                                    ingest::Series series) {
  HOLDFAST_CHECK(!series.rows.empty());
  std::map<absl::CivilMonth, Delivery> months;
  ingest::RowDigester digester(DatasetKey(tenant, file.dataset.id));
  for (const ingest::SeriesRow& row : series.rows) {
    auto at = months.find(row.month);
    if (at == months.end()) at = months.emplace(row.month, BeginMonth(file, row.month)).first;
    AddRow(row, digester, at->second);
  }
  Delivery& first = months.begin()->second;
  first.rejected = series.rejected;
  for (const auto& [month, rejected] : series.rejected_by_month) {
    const auto own = months.find(month);
    if (own == months.end() || &own->second == &first) continue;
    own->second.rejected = rejected;
    first.rejected -= rejected;
  }
  first.faults = std::move(series.faults);
  first.errors_csv = std::move(series.errors_file);
  return months;
}

Hash ContentOf(const Delivery& delivery, const RowStore::Row& row, ingest::RowDigester& digester) {
  if (delivery.dataset.kind == v1::DatasetKind::POLICE_UK_STREET) {
    return digester(delivery.store->ToStreet(row, delivery.month));
  }
  ingest::SeriesRow series;
  series.area = std::string(delivery.store->text(delivery.store->place(row.place).given_area));
  series.month = delivery.month;
  series.count = static_cast<std::int64_t>(row.count);
  std::string canonical;
  ingest::AppendCanonicalRow(canonical, series);
  return digester(std::string_view(canonical));
}

absl::StatusOr<std::vector<RowStore::Row>> ReadHeldRows(const readmodel::Reader& reader,
                                                        const v1::ExtractListRow& held,
                                                        std::string_view tenant,
                                                        Delivery& delivery) {
  const auto* current = CurrentRevision(held);
  if (current == nullptr) return std::vector<RowStore::Row>();
  const std::string extract = ExtractId(held.dataset_id(), held.month());
  ingest::RowDigester digester(DatasetKey(tenant, held.dataset_id()));
  HeldRows counted(delivery, digester);
  for (const auto& revision : held.revisions()) {
    if (!revision.accepted() || revision.reverted()) continue;
    if (revision.opened().base() != 0) counted.Correct();
    RETURN_IF_ERROR(
        reader.Scan<ExtractRows>(RevisionKey(extract, revision.opened().revision()), "", 0,
                                 [&](std::string_view, const v1::ExtractRowsRow& piece) {
                                   counted.Fold(piece.staged());
                                   return true;
                                 }));
  }
  std::optional<std::vector<RowStore::Row>> rows = std::move(counted).Take();
  ingest::MultisetDigest digest;
  if (rows) {
    for (const auto& row : *rows) digest.Add(ContentOf(delivery, row, digester));
  }
  if (!rows || AsBytes(digest.ToHash()) != current->opened().digest()) {
    return absl::DataLossError(
        absl::StrCat("extract ", extract,
                     ": the rows that are kept do not add up to its digest; rebuild the "
                     "view extract_rows"));
  }
  return *std::move(rows);
}

ingest::RowChanges Compare(const Delivery& delivery, const std::vector<RowStore::Row>& held,
                           std::string_view tenant) {
  ingest::RowDigester digester(DatasetKey(tenant, delivery.dataset.id));
  const auto key_of = [&](const RowStore::Row& row) {
    if (delivery.dataset.kind == v1::DatasetKind::POLICE_UK_STREET) {
      return ingest::KeyOf(delivery.store->ToStreet(row, delivery.month), digester);
    }
    ingest::RowKey key;
    key.content = ContentOf(delivery, row, digester);
    key.crime_id = delivery.store->text(delivery.store->place(row.place).given_area);
    key.place = row.place;
    return key;
  };
  std::vector<ingest::RowKey> before;
  std::vector<ingest::RowKey> after;
  before.reserve(held.size());
  after.reserve(delivery.rows.size());
  for (const auto& row : held) before.push_back(key_of(row));
  for (const auto& row : delivery.rows) after.push_back(key_of(row));
  return ingest::CompareDeliveries(before, after);
}

}  // namespace holdfast::metrics
