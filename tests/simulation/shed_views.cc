#include "shed_views.h"

#include <optional>
#include <string_view>
#include <variant>

#include "holdfast/testing/v1/door.pb.h"
#include "holdfast/testing/v1/events.pb.h"
#include "holdfast/testing/v1/state.pb.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "node.h"
#include "readmodel/view.h"

namespace holdfast::simulation {
namespace {

namespace v1 = testing::v1;

struct ToolBoard {
  static constexpr std::string_view kName = "tool_board@1";
  using Row = v1::ToolState;
  using Event = std::variant<v1::ToolRegistered, v1::ToolLent, v1::ToolReturned, v1::LoanOverdue>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row& row, const v1::ToolRegistered& event, const EventMeta&) {
    row.set_label(event.label());
  }
  static void Apply(Row& row, const v1::ToolLent& event, const EventMeta&) {
    row.set_lent_to(event.member_id());
    *row.mutable_due_at() = event.due_at();
    row.set_loans(row.loans() + 1);
  }
  static void Apply(Row& row, const v1::ToolReturned&, const EventMeta&) {
    row.clear_lent_to();
    row.clear_due_at();
    row.clear_overdue();
  }
  static void Apply(Row& row, const v1::LoanOverdue&, const EventMeta&) { row.set_overdue(true); }
};
static_assert(View<ToolBoard>);

struct OnLoan {
  static constexpr std::string_view kName = "on_loan@1";
  using Row = v1::Told;
  using Event = std::variant<v1::ToolLent, v1::ToolReturned>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row& row, const v1::ToolLent& event, const EventMeta& meta) {
    row.set_text(event.member_id());
    row.set_number(meta.seq);
  }
  static void Apply(Row& row, const v1::ToolReturned&, const EventMeta&) { row.Clear(); }
  static bool Gone(const Row& row) { return row.text().empty(); }
};
static_assert(View<OnLoan>);

struct Activity {
  static constexpr std::string_view kName = "activity@1";
  using Row = v1::Told;
  using Event = std::variant<v1::ToolRegistered, v1::ToolLent, v1::ToolReturned, v1::LoanOverdue,
                             v1::MemberEnrolled, v1::MemberSuspended>;

  static RowKeys Key(const auto&, const EventMeta& meta) {
    return std::vector<std::string>{"all", RowKey({"stream", meta.stream})};
  }
  static void Apply(Row& row, const auto&, const EventMeta& meta) {
    row.set_number(row.number() + 1);
    row.set_text(absl::StrCat(std::string(meta.stream), " ", meta.version));
  }
};
static_assert(View<Activity>);

struct LedgerBoard {
  static constexpr std::string_view kName = "ledger_board@1";
  using Row = v1::LedgerState;
  using Event = std::variant<v1::LoanNoted, v1::LedgerClosed>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row& row, const v1::LoanNoted& event, const EventMeta&) {
    row.set_loans(row.loans() + 1);
    row.set_last_shed_seq(event.shed_seq());
  }
  static void Apply(Row& row, const v1::LedgerClosed&, const EventMeta&) { row.set_closed(true); }
};
static_assert(View<LedgerBoard>);

template <class V>
absl::StatusOr<Rows> RowsOf(const readmodel::Reader& reader) {
  Rows rows;
  RETURN_IF_ERROR(
      reader.Scan<V>("", "", 0, [&rows](std::string_view key, const typename V::Row& row) {
        rows.emplace_back(std::string(key), row.SerializeAsString());
        return true;
      }));
  for (const auto& [key, bytes] : rows) {
    ASSIGN_OR_RETURN(const std::optional<typename V::Row> row, reader.Get<V>(key));
    if (!row || row->SerializeAsString() != bytes)
      return absl::InternalError(absl::StrCat("the row ", key, " is another when it is asked for"));
  }
  return rows;
}

template <class V>
ShedView Of(int release, const char* context) {
  ShedView view{readmodel::ViewTypeOf<V>(), release, &RowsOf<V>};
  view.type.context = context;
  return view;
}

}  // namespace

const std::vector<ShedView>& ShedViews() {
  static const auto* const views =
      new std::vector<ShedView>{Of<ToolBoard>(1, kShed), Of<OnLoan>(1, kShed),
                                Of<Activity>(2, kShed), Of<LedgerBoard>(1, kLedgers)};
  return *views;
}

std::vector<readmodel::ViewType> ViewsOfRelease(int release) {
  std::vector<readmodel::ViewType> types;
  for (const ShedView& view : ShedViews()) {
    if (view.release <= release) types.push_back(view.type);
  }
  return types;
}

}  // namespace holdfast::simulation
