// Every entry as it stands in the journal: what the tree hashes and the regulator gets. Key: the
// index, so that a scan gives the log in its order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "holdfast/audit/v1/bundle.pb.h"
#include "holdfast/audit/v1/events.pb.h"

#include "readmodel/view.h"

namespace holdfast::audit {

// Sixteen hexadecimal digits: they sort as the numbers do.
std::string SortableKey(std::uint64_t number);

struct Entries {
  static constexpr std::string_view kName = "audit_entries@1";
  using Row = v1::BundleEntry;
  using Event = std::variant<v1::AccessRecorded>;

  static RowKeys Key(const v1::AccessRecorded& event, const EventMeta&) {
    return SortableKey(event.index());
  }
  // NOT_STORED where the projector does not say what stands in the journal: then nothing is
  // proved.
  static Fit Apply(Row&, const v1::AccessRecorded&, const EventMeta&);
};
static_assert(View<Entries>);

}  // namespace holdfast::audit
