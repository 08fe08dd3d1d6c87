#include "metrics/intake/reference_handlers.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "geography/geojson.h"
#include "ingest/byte_source.h"
#include "ingest/reference_file.h"
#include "metrics/intake/area_resolver.h"
#include "metrics/intake/file_refused.h"
#include "metrics/intake/outline_codec.h"
#include "metrics/intake/resolve_areas.h"
#include "metrics/intake/shipped.h"
#include "metrics/intake/upload_store.h"
#include "metrics/views/measure_list.h"
#include "metrics/views/reference_views.h"
#include "metrics/views/set_tally.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{384} << 10U;
constexpr std::uint64_t kMaxReferenceBytes = std::uint64_t{256} << 20U;

v1::ReferenceKind::Code ToProto(ingest::ReferenceKind kind) {
  switch (kind) {
    case ingest::ReferenceKind::kPopulations:
      return v1::ReferenceKind::POPULATIONS;
    case ingest::ReferenceKind::kDwellings:
      return v1::ReferenceKind::DWELLINGS;
    case ingest::ReferenceKind::kLookups:
      return v1::ReferenceKind::LOOKUPS;
    case ingest::ReferenceKind::kDeprivation:
      return v1::ReferenceKind::DEPRIVATION;
    case ingest::ReferenceKind::kOffenceCodes:
      return v1::ReferenceKind::OFFENCE_CODES;
    case ingest::ReferenceKind::kWeights:
      return v1::ReferenceKind::WEIGHTS;
  }
  return v1::ReferenceKind::CODE_UNSPECIFIED;
}

v1::KeyedBy::Code ToProto(ingest::ReferenceKey key) {
  switch (key) {
    case ingest::ReferenceKey::kArea:
    case ingest::ReferenceKey::kSmallArea:
      return v1::KeyedBy::AREA;
    case ingest::ReferenceKey::kOffenceCode:
      return v1::KeyedBy::OFFENCE_CODE;
    case ingest::ReferenceKey::kCategory:
      return v1::KeyedBy::CATEGORY;
  }
  return v1::KeyedBy::CODE_UNSPECIFIED;
}

// The versions that the file would join, or is one of.
std::vector<const v1::ReferenceSetPublished*> Joined(const std::optional<v1::ReferenceListRow>& row,
                                                     const v1::OpenReference& open) {
  if (!row) return {};
  v1::ReferenceSetPublished same;
  *same.mutable_area_set() = open.area_set();
  *same.mutable_valid_from() = open.valid_from();
  return Together(*row, same);
}

// Which of them holds this file, if one does.
const v1::ReferenceSetPublished* Published(
    const std::vector<const v1::ReferenceSetPublished*>& joined, const v1::OpenReference& open) {
  const auto found = std::ranges::find_if(joined, [&](const v1::ReferenceSetPublished* version) {
    return version->sha256() == open.sha256();
  });
  return found == joined.end() ? nullptr : *found;
}

// What each key of those versions says, in bytes.
using HeldRows = std::map<std::string, std::string>;

const std::string& KeyOf(const v1::Feature& feature) {
  return feature.code();
}
const std::string& KeyOf(const v1::ReferenceRow& row) {
  return row.key();
}

absl::StatusOr<HeldRows> ReadHeld(const readmodel::Reader& reader,
                                  const std::vector<const v1::ReferenceSetPublished*>& joined) {
  HeldRows held;
  const auto keep = [&held](const auto& row) { held.emplace(KeyOf(row), row.SerializeAsString()); };
  for (const v1::ReferenceSetPublished* version : joined) {
    const std::string prefix = VersionKey(version->set(), version->version());
    RETURN_IF_ERROR(reader.Scan<GeographySet>(prefix, "", 0,
                                              [&](std::string_view, const v1::GeographyRow& piece) {
                                                std::ranges::for_each(piece.features(), keep);
                                                return true;
                                              }));
    RETURN_IF_ERROR(reader.Scan<ReferenceRows>(
        prefix, "", 0, [&](std::string_view, const v1::ReferenceRowsRow& piece) {
          std::ranges::for_each(piece.rows(), keep);
          return true;
        }));
  }
  return held;
}

absl::Status HeldOtherwise(const v1::OpenReference& open, const std::string& key) {
  if (open.kind() == v1::ReferenceKind::GEOGRAPHY) {
    return ErrorWithReason(
        absl::StatusCode::kFailedPrecondition, "CONTENT_DIFFERS",
        absl::StrCat("Area ", key, " is loaded in this set with another outline or name. Give the ",
                     "file another vintage, or take the areas that are loaded out of it."),
        {{"code", key}, {"field", "vintage"}});
  }
  return ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "OVERLAPPING_VALIDITY",
      absl::StrCat("Key ", key, " is loaded with another value from that day. Give another first ",
                   "day, or take the keys that are loaded out of the file."),
      {{"code", key}, {"field", "valid_from"}});
}

// The rows of the file that are not there yet. Refused where one is there and says something else.
template <class Row>
absl::StatusOr<std::vector<Row>> NewRows(const v1::OpenReference& open, const HeldRows& held,
                                         std::vector<Row> rows) {
  for (const Row& row : rows) {
    const auto known = held.find(KeyOf(row));
    if (known != held.end() && known->second != row.SerializeAsString()) {
      return HeldOtherwise(open, KeyOf(row));
    }
  }
  std::erase_if(rows, [&](const Row& row) { return held.contains(KeyOf(row)); });
  return rows;
}

// Stages rows in pieces that fit a commit.
template <class Command, class Rows, class AddTo>
void StagePieces(app::CallContext& call, const std::string& set, const std::string& step,
                 const Rows& rows, AddTo add_to) {
  std::uint32_t seq = 0;
  auto piece = std::make_unique<Command>();
  std::size_t bytes = 0;
  int in_piece = 0;
  const auto send = [&] {
    piece->set_set(set);
    piece->set_seq(seq);
    call.Start(
        {std::exchange(piece, std::make_unique<Command>()), absl::StrCat(step, "/stage/", seq)});
    ++seq;
    bytes = 0;
    in_piece = 0;
  };
  for (const auto& row : rows) {
    const std::size_t size = row.ByteSizeLong();
    if (in_piece > 0 && (bytes + size > kPieceBytes || in_piece == 2000)) send();
    add_to(*piece, row);
    bytes += size;
    ++in_piece;
  }
  if (in_piece > 0) send();
}

// Sends Open, the pieces, Publish; waits; and says what stands now. Of rows by area those that are
// there already are not sent again.
template <class Command, class Row, class AddTo>
absl::StatusOr<v1::ImportReferenceResponse> PublishWhole(app::CallContext& call,
                                                         v1::OpenReference open,
                                                         std::vector<Row> rows, AddTo add_to) {
  v1::ImportReferenceResponse response;
  response.set_set(open.set());
  response.set_rows(static_cast<std::uint32_t>(rows.size()));
  response.set_sha256(open.sha256());
  *response.mutable_area_set() = open.area_set();
  ASSIGN_OR_RETURN(const auto before, call.reader().Get<ReferenceList>(open.set()));
  const auto joined = Joined(before, open);
  for (const auto* version : joined) {
    response.set_rows_before(response.rows_before() + version->rows());
    response.set_version(version->version());
  }
  const auto* known = Published(joined, open);
  if (known == nullptr && open.keyed_by() == v1::KeyedBy::AREA && !joined.empty()) {
    ASSIGN_OR_RETURN(const HeldRows held, ReadHeld(call.reader(), joined));
    ASSIGN_OR_RETURN(rows, NewRows(open, held, std::move(rows)));
  }
  if (known != nullptr || rows.empty()) {
    if (known != nullptr) response.set_version(known->version());
    response.set_already_so(true);
    return response;
  }
  open.set_rows(static_cast<std::uint32_t>(rows.size()));
  response.set_rows_added(open.rows());
  const std::string set = open.set();
  const std::string step = set + "/" + open.sha256();
  // Opened first and alone: a refusal of the set must not be followed by its rows.
  ASSIGN_OR_RETURN(const type::v1::Receipt opened,
                   call.Submit({std::make_unique<v1::OpenReference>(open), step + "/open"}));
  StagePieces<Command>(call, set, step, rows, add_to);
  auto publish = std::make_unique<v1::PublishReference>();
  publish->set_set(set);
  call.Start({std::move(publish), step + "/publish"});
  ASSIGN_OR_RETURN(const auto receipts, call.AwaitStarted());
  *response.mutable_receipt() = receipts.empty() ? opened : receipts.back();
  ASSIGN_OR_RETURN(const auto reader, call.ReadAfter(response.receipt()));
  ASSIGN_OR_RETURN(const auto after, reader->Get<ReferenceList>(set));
  if (const auto* now = Published(Joined(after, open), open)) response.set_version(now->version());
  return response;
}

// Sets of areas of the kind and vintage that the caller names, the newest last.
absl::StatusOr<std::vector<type::v1::AreaSet>> Candidates(
    const readmodel::Reader& reader, const v1::ImportReferenceRequest& request) {
  ASSIGN_OR_RETURN(std::vector<type::v1::AreaSet> sets, PublishedAreaSets(reader, request.kind()));
  if (!request.vintage().empty()) {
    std::erase_if(sets, [&](const auto& set) { return set.vintage() != request.vintage(); });
  }
  std::ranges::stable_sort(sets,
                           [](const auto& a, const auto& b) { return a.vintage() < b.vintage(); });
  if (sets.empty()) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NO_AREAS",
                           "No such set of areas is loaded yet; import the geography first.");
  }
  return sets;
}

absl::StatusOr<ingest::AreaCodes> CodesOf(const readmodel::Reader& reader,
                                          const type::v1::AreaSet& set) {
  ASSIGN_OR_RETURN(const auto list, reader.Get<AreaList>(SetKey(set)));
  ingest::AreaCodes codes;
  if (list) {
    for (const auto& area : list->areas()) codes.insert(area.code());
  }
  return codes;
}

struct PlacedReference {
  ingest::ReferenceFile file;
  type::v1::AreaSet set;  // empty where keys are no areas
};

absl::StatusOr<ingest::ReferenceFile> Read(ingest::ReferenceKind kind, const std::string& content,
                                           const std::string& name,
                                           const ingest::AreaCodes* known) {
  ingest::MemorySource source(content);
  return ingest::ReadReferenceFile(kind, source, name, known);
}

// The file, and the newest set that has every area it names; refused naming the first line that has
// none.
absl::StatusOr<PlacedReference> Place(ingest::ReferenceKind kind, const std::string& content,
                                      const v1::ImportReferenceRequest& request,
                                      const readmodel::Reader& reader) {
  const std::string& name = request.file().name();
  if (kind == ingest::ReferenceKind::kWeights || kind == ingest::ReferenceKind::kOffenceCodes) {
    ASSIGN_OR_RETURN(ingest::ReferenceFile file, Read(kind, content, name, nullptr));
    return PlacedReference{std::move(file), {}};
  }
  ASSIGN_OR_RETURN(const auto sets, Candidates(reader, request));
  absl::Status refused;
  for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
    ASSIGN_OR_RETURN(const ingest::AreaCodes codes, CodesOf(reader, *set));
    absl::StatusOr<ingest::ReferenceFile> file = Read(kind, content, name, &codes);
    if (file.ok()) return PlacedReference{*std::move(file), *set};
    if (refused.ok()) refused = file.status();
  }
  return refused;
}

v1::OpenReference OpenOf(const PlacedReference& placed, const v1::ImportReferenceRequest& request,
                         std::string_view sha256) {
  v1::OpenReference open;
  open.set_set(request.set());
  open.set_kind(ToProto(placed.file.kind));
  open.set_keyed_by(ToProto(placed.file.key));
  *open.mutable_area_set() = placed.set;
  open.set_title(request.set());
  open.set_source(request.source());
  open.set_sha256(std::string(sha256));
  open.set_rows(static_cast<std::uint32_t>(placed.file.rows.size()));
  *open.mutable_valid_from() = request.valid_from();
  open.set_verification(request.verified() ? v1::Verification::VERIFIED
                                           : v1::Verification::UNVERIFIED);
  return open;
}

std::vector<v1::ReferenceRow> RowsOf(const ingest::ReferenceFile& file) {
  std::vector<v1::ReferenceRow> rows;
  rows.reserve(file.rows.size());
  for (const auto& row : file.rows) {
    v1::ReferenceRow& out = rows.emplace_back();
    out.set_key(row.key);
    out.set_amount_e6(row.amount_e6);
    out.set_text(row.text);
    out.set_to(row.to);
    out.set_police_generated(file.kind == ingest::ReferenceKind::kOffenceCodes &&
                             (row.to == "drugs" || row.to == "possession-of-weapons"));
  }
  return rows;
}

absl::StatusOr<v1::ImportReferenceResponse> PublishRows(app::CallContext& call,
                                                        const PlacedReference& placed,
                                                        const v1::OpenReference& open) {
  return PublishWhole<v1::StageReferenceRows>(
      call, open, RowsOf(placed.file),
      [](v1::StageReferenceRows& piece, const v1::ReferenceRow& row) { *piece.add_rows() = row; });
}

// Crimes that came before the areas, or the lookup, are resolved by them.
absl::Status PlaceCrimes(app::CallContext& call, v1::ImportReferenceResponse& response) {
  ASSIGN_OR_RETURN(const auto reader, call.ReadAfter(response.receipt()));
  ASSIGN_OR_RETURN(const v1::ResolveAreasResponse resolved, ResolveCrimes(*reader, call));
  response.set_relocated(resolved.rows());
  if (resolved.has_receipt()) *response.mutable_receipt() = resolved.receipt();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ImportReferenceResponse> ImportGeography(
    const v1::ImportGeographyRequest& request, app::CallContext& call) {
  ASSIGN_OR_RETURN(
      const std::string content,
      UploadStore(call.tenant_folder()).Read(request.file().sha256(), geography::kMaxGeoJsonBytes));
  absl::StatusOr<std::vector<geography::Area>> areas =
      geography::ParseAreas(content, {request.code_property(), request.name_property()});
  if (!areas.ok()) return FileRefused(WithContext(areas.status(), request.file().name()));
  std::vector<v1::Feature> features;
  features.reserve(areas->size());
  for (const auto& area : *areas) {
    features.push_back(ToFeature(area));
    if (features.back().ByteSizeLong() > (std::size_t{960} << 10U)) {
      return FileRefused(absl::InvalidArgumentError(
          absl::StrCat(request.file().name(), ": feature ", features.size(),
                       " has too many vertices; simplify its outline to at most some 100,000")));
    }
  }
  v1::OpenReference open;
  open.mutable_area_set()->set_kind(request.kind());
  open.mutable_area_set()->set_vintage(request.vintage());
  open.set_set(GeographyStream(open.area_set()));
  open.set_kind(v1::ReferenceKind::GEOGRAPHY);
  open.set_keyed_by(v1::KeyedBy::AREA);
  open.set_title(absl::StrCat(request.kind(), " ", request.vintage()));
  open.set_source(request.source().empty() ? request.file().name() : request.source());
  open.set_sha256(std::string(AsBytes(Sha256Of(content))));
  open.set_rows(static_cast<std::uint32_t>(features.size()));
  open.set_verification(v1::Verification::UNVERIFIED);
  ASSIGN_OR_RETURN(
      v1::ImportReferenceResponse response,
      PublishWhole<v1::StageFeatures>(
          call, open, std::move(features),
          [](v1::StageFeatures& piece, const v1::Feature& row) { *piece.add_features() = row; }));
  RETURN_IF_ERROR(PlaceCrimes(call, response));
  return response;
}

absl::StatusOr<v1::ImportReferenceResponse> ImportReference(
    const v1::ImportReferenceRequest& request, app::CallContext& call) {
  const auto kind = ingest::ReferenceKindOf(request.set());
  if (!kind) {
    return InvalidFields({{"set",
                           "populations, dwellings, lookups, deprivation, offence-codes or "
                           "weights"}});
  }
  const type::v1::Day& day = request.valid_from();
  if (absl::CivilDay(day.year(), day.month(), day.day()).month() != day.month() || day.day() < 1) {
    return InvalidFields({{"valid_from", "a day of the calendar"}});
  }
  ASSIGN_OR_RETURN(
      const std::string content,
      UploadStore(call.tenant_folder()).Read(request.file().sha256(), kMaxReferenceBytes));
  absl::StatusOr<PlacedReference> placed = Place(*kind, content, request, call.reader());
  if (!placed.ok()) return FileRefused(placed.status());
  ASSIGN_OR_RETURN(
      v1::ImportReferenceResponse response,
      PublishRows(call, *placed, OpenOf(*placed, request, AsBytes(Sha256Of(content)))));
  if (*kind == ingest::ReferenceKind::kLookups) RETURN_IF_ERROR(PlaceCrimes(call, response));
  return response;
}

absl::StatusOr<v1::ResolveAreasResponse> ResolveAreas(const v1::ResolveAreasRequest&,
                                                      app::CallContext& call) {
  return ResolveCrimes(call.reader(), call);
}

absl::StatusOr<v1::PublishShippedReferenceResponse> PublishShippedReference(
    const v1::PublishShippedReferenceRequest&, app::CallContext& call) {
  v1::PublishShippedReferenceResponse response;
  v1::ImportReferenceRequest request;
  request.set_set("weights");
  request.set_source("Holdfast: one illustrative weight for each police.uk category, by judgement");
  request.mutable_valid_from()->set_year(2000);
  request.mutable_valid_from()->set_month(1);
  request.mutable_valid_from()->set_day(1);
  request.mutable_file()->set_name("css-by-category.csv");
  const std::string content(ShippedWeights());
  ASSIGN_OR_RETURN(const PlacedReference placed,
                   Place(ingest::ReferenceKind::kWeights, content, request, call.reader()));
  v1::OpenReference open = OpenOf(placed, request, AsBytes(Sha256Of(content)));
  open.set_title("css-by-category");
  ASSIGN_OR_RETURN(const v1::ImportReferenceResponse published, PublishRows(call, placed, open));
  response.set_sets(published.already_so() ? 0 : 1);
  if (published.has_receipt()) *response.mutable_receipt() = published.receipt();

  for (const auto& measure : ShippedMeasures()) {
    ASSIGN_OR_RETURN(const auto known, call.reader().Get<MeasureList>(measure.measure_id()));
    if (known) continue;  // defined, and perhaps versioned since
    call.Start({std::make_unique<v1::DefineMeasure>(measure), "measure/" + measure.measure_id()});
    response.set_measures(response.measures() + 1);
  }
  ASSIGN_OR_RETURN(const auto receipts, call.AwaitStarted());
  if (!receipts.empty()) *response.mutable_receipt() = receipts.back();
  // Whoever has this answer sees what it says.
  if (response.has_receipt()) RETURN_IF_ERROR(call.ReadAfter(response.receipt()).status());
  return response;
}

}  // namespace holdfast::metrics
