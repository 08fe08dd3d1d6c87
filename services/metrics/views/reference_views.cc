#include "metrics/views/reference_views.h"

#include "base/timestamps.h"
#include "metrics/views/ordinal.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {
namespace {

std::string PieceKey(const EventMeta& meta, std::uint32_t version, std::uint32_t seq) {
  return RowKey({meta.stream_id, Ordinal(version), Ordinal(seq)});
}

}  // namespace

std::vector<const v1::ReferenceSetPublished*> Together(const v1::ReferenceListRow& row,
                                                       const v1::ReferenceSetPublished& of) {
  std::vector<const v1::ReferenceSetPublished*> versions;
  for (const auto& version : row.versions()) {
    const v1::ReferenceSetPublished& one = version.published();
    const auto same = [](const type::v1::Day& a, const type::v1::Day& b) {
      return a.year() == b.year() && a.month() == b.month() && a.day() == b.day();
    };
    if (SetKey(one.area_set()) == SetKey(of.area_set()) && same(one.valid_from(), of.valid_from()))
      versions.push_back(&one);
  }
  return versions;
}

std::string VersionKey(std::string_view set, std::uint32_t version) {
  return RowKey({set, Ordinal(version), ""});
}

std::string GeographyStream(const type::v1::AreaSet& set) {
  return "geography." + set.kind() + "." + set.vintage();
}

RowKeys ReferenceList::Key(const v1::ReferenceSetPublished& event, const EventMeta&) {
  return event.set();
}

void ReferenceList::Apply(Row& row, const v1::ReferenceSetPublished& event, const EventMeta& meta) {
  row.set_set(event.set());
  Row::Version& version = *row.add_versions();
  *version.mutable_published() = event;
  version.mutable_published()->clear_codes();  // area_list has them
  *version.mutable_published_at() = ToTimestamp(meta.recorded_at);
  version.set_seq(meta.seq);
  version.set_actor(std::string(meta.actor));
}

RowKeys ReferenceRows::Key(const v1::ReferenceRowsStaged& event, const EventMeta& meta) {
  return PieceKey(meta, event.version(), event.seq());
}

void ReferenceRows::Apply(Row& row, const v1::ReferenceRowsStaged& event, const EventMeta&) {
  *row.mutable_rows() = event.rows();
}

RowKeys GeographySet::Key(const v1::FeaturesStaged& event, const EventMeta& meta) {
  return PieceKey(meta, event.version(), event.seq());
}

void GeographySet::Apply(Row& row, const v1::FeaturesStaged& event, const EventMeta&) {
  *row.mutable_features() = event.features();
}

RowKeys AreaList::Key(const v1::ReferenceSetOpened& event, const EventMeta&) {
  if (event.kind() != v1::ReferenceKind::GEOGRAPHY) return {};
  return SetKey(event.area_set());
}

RowKeys AreaList::Key(const v1::FeaturesStaged&, const EventMeta& meta) {
  // "geography.<kind>.<vintage>"; a kind has no dot.
  std::string key(meta.stream_id.substr(meta.stream_id.find('.') + 1));
  key[key.find('.')] = '/';
  return key;
}

RowKeys AreaList::Key(const v1::ReferenceSetPublished& event, const EventMeta&) {
  if (event.kind() != v1::ReferenceKind::GEOGRAPHY) return {};
  return SetKey(event.area_set());
}

void AreaList::Apply(Row& row, const v1::ReferenceSetOpened&, const EventMeta&) {
  row.clear_staged();
}

void AreaList::Apply(Row& row, const v1::FeaturesStaged& event, const EventMeta&) {
  for (const auto& feature : event.features()) {
    Row::Area& area = *row.add_staged();
    area.set_code(feature.code());
    area.set_name(feature.name());
  }
}

void AreaList::Apply(Row& row, const v1::ReferenceSetPublished& event, const EventMeta&) {
  row.set_published(true);
  row.mutable_areas()->MergeFrom(row.staged());
  row.clear_staged();
  if (row.source() != event.source()) {
    if (!row.source().empty()) row.mutable_source()->append("; ");
    row.mutable_source()->append(event.source());
  }
  row.set_sha256(event.sha256());
}

}  // namespace holdfast::metrics
