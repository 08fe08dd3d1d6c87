// A view of the tool shed's ledger: how many loans each member has. What the scenarios of the read
// side fold.
#pragma once

#include <algorithm>
#include <string_view>
#include <variant>

#include "holdfast/testing/v1/events.pb.h"
#include "holdfast/testing/v1/state.pb.h"

#include "readmodel/view.h"

namespace holdfast::bench {

struct LoanTally {
  static constexpr std::string_view kName = "loan_tally@1";
  using Row = testing::v1::LedgerState;
  using Event = std::variant<testing::v1::LoanNoted>;
  static RowKeys Key(const testing::v1::LoanNoted&, const EventMeta& meta) {
    return meta.stream_id;
  }
  static void Apply(Row& row, const testing::v1::LoanNoted& event, const EventMeta&) {
    row.set_loans(row.loans() + 1);
    row.set_last_shed_seq(std::max(row.last_shed_seq(), event.shed_seq()));
  }
};
static_assert(View<LoanTally>);

}  // namespace holdfast::bench
