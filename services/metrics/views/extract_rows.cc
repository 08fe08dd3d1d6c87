#include "metrics/views/extract_rows.h"

#include "metrics/views/ordinal.h"

namespace holdfast::metrics {

std::string RevisionKey(std::string_view extract_id, std::uint32_t revision) {
  return RowKey({extract_id, Ordinal(revision), ""});
}

RowKeys ExtractRows::Key(const v1::RowsStaged& event, const EventMeta& meta) {
  return RowKey({meta.stream_id, Ordinal(event.revision()), Ordinal(event.seq())});
}

void ExtractRows::Apply(Row& row, const v1::RowsStaged& event, const EventMeta&) {
  *row.mutable_staged() = event;
}

}  // namespace holdfast::metrics
