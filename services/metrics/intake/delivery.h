// A delivery: one month of one dataset as a file has it, read whole into memory; and what it
// changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "base/hash.h"
#include "ingest/byte_source.h"
#include "ingest/police_uk_files.h"
#include "ingest/row_changes.h"
#include "ingest/row_digest.h"
#include "ingest/row_fault.h"
#include "ingest/series_reader.h"
#include "metrics/intake/block_writer.h"
#include "metrics/intake/row_store.h"

namespace holdfast::readmodel {
class Reader;
}

namespace holdfast::metrics {

// What a dataset is, as its first file says.
struct DatasetFacts {
  std::string id;  // "metropolitan-street"
  v1::DatasetKind::Code kind = v1::DatasetKind::CODE_UNSPECIFIED;
  std::string agency;
  std::string title;
  std::string force;
  bool territorial = false;
  std::string profile;
};

struct Delivery {
  DatasetFacts dataset;
  absl::CivilMonth month;
  std::string file;
  std::string file_sha256;  // 32 bytes
  std::unique_ptr<RowStore> store = std::make_unique<RowStore>();
  HeldAreas held_areas;  // of the rows that counted before it
  std::vector<RowStore::Row> rows;
  std::vector<Hash> contents;  // of `rows`, one each
  ingest::MultisetDigest digest;
  std::uint64_t rejected = 0;
  std::uint64_t warnings = 0;  // outcomes that are not known
  std::uint64_t with_point = 0;
  std::vector<ingest::RowFault> faults;
  std::string errors_csv;  // the rejected rows, to be mended
  // Of an agency's series: the set that its areas are of.
  std::optional<std::size_t> given_set;
};

// The key under which the rows of a dataset are hashed. Its rows stand in the journal beside their
// digests, so the key hides nothing and follows from tenant and dataset; a dataset with rows to
// hide takes one of the keyvault.
std::string DatasetKey(std::string_view tenant, std::string_view dataset);

// The rows of a street file. InvalidArgument where the file cannot be taken at all.
absl::StatusOr<Delivery> ReadStreetDelivery(std::string_view tenant, ingest::ByteSource& source,
                                            const ingest::StreetFile& file);

// A file of an agency's series.
struct SeriesFile {
  DatasetFacts dataset;
  std::string path;
  std::string sha256;         // 32 bytes
  std::size_t given_set = 0;  // that its areas are of
};

// The months of a series that has a row at least, by month. Rejected rows that tell no month, or
// one of which no row can be taken, are accounted for with the first one.
std::map<absl::CivilMonth, Delivery> MonthsOfSeries(std::string_view tenant, const SeriesFile& file,
                                                    ingest::Series series);

// The canonical bytes of a row, hashed.
Hash ContentOf(const Delivery& delivery, const RowStore::Row& row, ingest::RowDigester& digester);

// The rows that count now, read again into the delivery's store, with the areas in which they are
// counted: those of the accepted revisions of `held`, in order. DataLoss where they do not add up
// to the digest of the revision that counts.
absl::StatusOr<std::vector<RowStore::Row>> ReadHeldRows(const readmodel::Reader& reader,
                                                        const v1::ExtractListRow& held,
                                                        std::string_view tenant,
                                                        Delivery& delivery);

// What the delivery changes of the rows that are held.
ingest::RowChanges Compare(const Delivery& delivery, const std::vector<RowStore::Row>& held,
                           std::string_view tenant);

}  // namespace holdfast::metrics
