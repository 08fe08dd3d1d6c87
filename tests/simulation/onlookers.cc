#include "onlookers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/timestamps.h"

namespace holdfast::simulation {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Seconds(3);
// How long a page is held open: its rows are of the moment when it was asked for.
constexpr absl::Duration kHeld = absl::Milliseconds(800);

// What a node may say in place of rows, while things go wrong.
bool Excused(const absl::Status& status, const type::v1::ReadOptions& asked) {
  if (absl::IsUnavailable(status)) return true;
  const bool of_a_position = asked.min_position_size() > 0 || asked.has_at_position();
  return of_a_position && ReasonOf(status) == "VIEW_BEHIND";
}

}  // namespace

Onlookers::Onlookers(Parts parts, int count)
    : parts_(std::move(parts)), executor_(parts_.time->NewExecutor()) {
  for (int i = 0; i < count; ++i) Next();
}

absl::Duration Onlookers::Within(absl::Duration most) {
  return absl::Nanoseconds(static_cast<std::int64_t>(
      parts_.random->Below(static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(most)))));
}

void Onlookers::Next() {
  executor_->PostAfter(Within(kBetweenLooks), [this] {
    if (gone_) return;
    auto look = std::make_shared<Look>();
    look->view = &ShedViews()[parts_.random->Below(ShedViews().size())];
    look->seen.node = static_cast<int>(parts_.random->Below(parts_.nodes->size()));
    look->seen.tenant = parts_.random->Below(2) == 0 ? "westmoor" : "otherham";
    look->seen.context = look->view->type.context;
    ChooseMoment(*look);
    Ask(std::move(look));
    Next();
  });
}

// Half of them take what is there; the others name a position, or an instant, that stands.
void Onlookers::ChooseMoment(Look& look) {
  SeenRows& seen = look.seen;
  const std::uint64_t last = parts_.accepted_seq({seen.context, seen.tenant});
  const std::uint64_t dice = parts_.random->Below(8);
  if (dice < 4 || last == 0) return;
  if (dice < 7) {
    seen.at_least = last;
    type::v1::Position& position = *look.asked.add_min_position();
    position.set_context(seen.context);
    position.set_seq(last);
  }
  if (dice == 6) {
    seen.at_time = parts_.time->Now() - Within(absl::Seconds(30));
    *look.asked.mutable_at_time() = ToTimestamp(*seen.at_time);
  } else if (dice == 7) {
    seen.at_seq = 1 + parts_.random->Below(last);
    look.asked.mutable_at_position()->set_context(seen.context);
    look.asked.mutable_at_position()->set_seq(*seen.at_seq);
  }
}

void Onlookers::Ask(std::shared_ptr<Look> look) {
  Node& node = *(*parts_.nodes)[static_cast<std::size_t>(look->seen.node)];
  if (node.views() == nullptr || !node.Shows(look->view->type.name)) return;
  look->opening = node.views_opened();
  node.views()->OpenReader(look->seen.tenant, look->asked, absl::InfiniteFuture(),
                           [this, look](absl::StatusOr<std::unique_ptr<readmodel::Reader>> reader) {
                             Opened(look, std::move(reader));
                           });
}

// The node answers: from here on the page stands, whatever is folded meanwhile.
void Onlookers::Opened(const std::shared_ptr<Look>& look,
                       absl::StatusOr<std::unique_ptr<readmodel::Reader>> reader) {
  if (!reader.ok()) return Complain(*look, reader.status());
  look->reader = *std::move(reader);
  if (look->seen.at_the_end) return Scan(*look);
  executor_->PostAfter(Within(kHeld), [this, look] {
    if (Lives(*look)) Scan(*look);
  });
}

// Not where the process that held the page has ended.
bool Onlookers::Lives(const Look& look) const {
  Node& node = *(*parts_.nodes)[static_cast<std::size_t>(look.seen.node)];
  return node.views() != nullptr && node.views_opened() == look.opening;
}

void Onlookers::Scan(Look& look) {
  absl::StatusOr<Rows> rows = look.view->read(*look.reader);
  if (!rows.ok()) return Complain(look, rows.status());
  SeenRows& seen = look.seen;
  const type::v1::AsOf as_of = look.reader->as_of();
  seen.view = look.view->type.name;
  seen.rows = *std::move(rows);
  for (const auto& context : as_of.contexts()) {
    if (context.position().context() != seen.context) continue;
    seen.seq = context.position().seq();
    seen.recorded_at = ToTime(context.recorded_at());
  }
  parts_.history->rows.push_back(std::move(seen));
}

void Onlookers::Complain(const Look& look, const absl::Status& status) {
  if (!look.seen.at_the_end && Excused(status, look.asked)) return;
  parts_.history->complaints.push_back(
      absl::StrCat("H3 ", look.seen.context, "/", look.seen.tenant, ": node ", look.seen.node,
                   " answered a reader of ", look.view->type.name, " with ", status.ToString()));
}

void Onlookers::LookAtAll() {
  for (const auto& node : *parts_.nodes) {
    for (const ShedView& view : ShedViews()) {
      for (const char* tenant : {"westmoor", "otherham"}) {
        auto look = std::make_shared<Look>();
        look->view = &view;
        look->seen.node = node->number();
        look->seen.tenant = tenant;
        look->seen.context = view.type.context;
        look->seen.at_the_end = true;
        Ask(std::move(look));
      }
    }
  }
}

}  // namespace holdfast::simulation
