// One line for each agreement, past ones included. Key: its id.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::directory {

struct AgreementList {
  static constexpr std::string_view kName = "agreement_list@1";
  using Row = v1::AgreementRow;
  using Event = std::variant<v1::AgreementRegistered, v1::AgreementSigned, v1::AgreementAmended,
                             v1::AgreementEnded, v1::AgreementCorrected, v1::AgreementExpiring,
                             v1::AgreementExpired>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::AgreementRegistered&, const EventMeta&);
  static void Apply(Row&, const v1::AgreementSigned&, const EventMeta&);
  static void Apply(Row&, const v1::AgreementAmended&, const EventMeta&);
  static void Apply(Row&, const v1::AgreementEnded&, const EventMeta&);
  static void Apply(Row&, const v1::AgreementCorrected&, const EventMeta&);
  static void Apply(Row&, const v1::AgreementExpiring&, const EventMeta&);
  static void Apply(Row&, const v1::AgreementExpired&, const EventMeta&);
};
static_assert(View<AgreementList>);

}  // namespace holdfast::directory
