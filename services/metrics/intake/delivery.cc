#include "metrics/intake/delivery.h"

#include <array>
#include <map>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/status_macros.h"
#include "ingest/errors_file.h"
#include "ingest/series_reader.h"
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

// A multiset of rows by content, to take cancelled ones out of.
class HeldRows {
 public:
  void Add(const Hash& content, const RowStore::Row& row) { rows_.emplace(content, row); }
  bool Remove(const Hash& content) {
    const auto found = rows_.find(content);
    if (found == rows_.end()) return false;
    rows_.erase(found);
    return true;
  }
  const std::multimap<Hash, RowStore::Row>& rows() const { return rows_; }

 private:
  std::multimap<Hash, RowStore::Row> rows_;
};

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
      ++delivery.rejected;
      if (errors == nullptr) {
        const std::vector<std::string_view> header(reader->header().begin(),
                                                   reader->header().end());
        errors = std::make_unique<ingest::ErrorsFile>(header);
      }
      errors->Add(reader->fields(), reader->faults());
      delivery.errors_csv += errors->Take();
      for (const auto& fault : reader->faults()) {
        if (delivery.faults.size() < kFaultsKept) delivery.faults.push_back(fault);
      }
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
  std::vector<RowStore::Row> rows;
  const auto* current = CurrentRevision(held);
  if (current == nullptr) return rows;
  type::v1::Month month = held.month();
  const std::string extract = ExtractId(held.dataset_id(), month);
  const bool given = delivery.dataset.kind == v1::DatasetKind::AGENCY_SERIES;
  ingest::RowDigester digester(DatasetKey(tenant, held.dataset_id()));
  HeldRows counted;
  std::vector<RowStore::Row> first;  // without corrections the order of the file is kept
  std::vector<Hash> first_contents;
  bool corrected = false;
  bool whole = true;

  const auto each_row = [&](const v1::RowBlock& block, auto use) {
    const std::vector<std::string_view> ids = delivery.store->IdsOf(block);
    for (std::uint32_t i = 0; i < block.rows(); ++i) {
      const RowStore::Row row =
          delivery.store->FromBlock(block, static_cast<int>(i), ids[i], given);
      use(ContentOf(delivery, row, digester), row);
    }
  };
  const auto keep_areas = [&](const v1::RowsStaged& staged) {
    for (const v1::RowBlock* block : {&staged.recorded(), &staged.reclassified().to(),
                                      &staged.outcome_changed().to(), &staged.relocated().to()}) {
      delivery.held_areas.Keep(*delivery.store, *block, staged.area_sets(), given);
    }
    delivery.held_areas.Keep(*delivery.store, staged.resolved(), staged.resolved_sets(), given);
  };
  const auto add = [&](const Hash& content, const RowStore::Row& row) {
    if (corrected) {
      counted.Add(content, row);
    } else {
      first.push_back(row);
      first_contents.push_back(content);
    }
  };
  const auto remove = [&](const Hash& content, const RowStore::Row&) {
    if (!counted.Remove(content)) whole = false;
  };
  for (const auto& revision : held.revisions()) {
    if (!revision.accepted() || revision.reverted()) continue;
    if (!corrected && revision.opened().base() != 0) {
      corrected = true;
      for (std::size_t i = 0; i < first.size(); ++i) counted.Add(first_contents[i], first[i]);
      first.clear();
    }
    RETURN_IF_ERROR(
        reader.Scan<ExtractRows>(RevisionKey(extract, revision.opened().revision()), "", 0,
                                 [&](std::string_view, const v1::ExtractRowsRow& piece) {
                                   const v1::RowsStaged& staged = piece.staged();
                                   keep_areas(staged);
                                   each_row(staged.recorded(), add);
                                   each_row(staged.reclassified().to(), add);
                                   each_row(staged.outcome_changed().to(), add);
                                   each_row(staged.relocated().to(), add);
                                   each_row(staged.cancelled(), remove);
                                   each_row(staged.reclassified().from(), remove);
                                   each_row(staged.outcome_changed().from(), remove);
                                   each_row(staged.relocated().from(), remove);
                                   return true;
                                 }));
  }
  if (corrected) {
    for (const auto& [content, row] : counted.rows()) rows.push_back(row);
  } else {
    rows = std::move(first);
  }
  ingest::MultisetDigest digest;
  for (const auto& row : rows) digest.Add(ContentOf(delivery, row, digester));
  if (!whole || AsBytes(digest.ToHash()) != current->opened().digest()) {
    return absl::DataLossError(
        absl::StrCat("extract ", extract,
                     ": the rows that are kept do not add up to its digest; rebuild the "
                     "view extract_rows"));
  }
  return rows;
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
