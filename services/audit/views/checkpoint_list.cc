#include "audit/views/checkpoint_list.h"

#include "base/timestamps.h"

namespace holdfast::audit {

void CheckpointList::Apply(Row& row, const v1::CheckpointSigned& event, const EventMeta& meta) {
  row.Clear();
  row.set_size(event.size());
  row.set_root(event.root());
  row.set_note(event.note());
  *row.mutable_signed_at() = ToTimestamp(meta.recorded_at);
}

// Always of the last one: the rule takes no other.
void CheckpointList::Apply(Row& row, const v1::CheckpointCosigned& event, const EventMeta&) {
  row.mutable_note()->append(event.line() + "\n");
  row.add_witnesses(event.witness());
}

}  // namespace holdfast::audit
