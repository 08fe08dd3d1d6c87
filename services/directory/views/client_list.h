// One line for each client, past ones included. Key: its id. The secret of a webhook stands in no
// row: delivery takes it from the fact.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/views.pb.h"

#include "readmodel/view.h"

namespace holdfast::directory {

struct ClientList {
  static constexpr std::string_view kName = "client_list@1";
  using Row = v1::ClientRow;
  using Event =
      std::variant<v1::ClientRegistered, v1::ClientChanged, v1::WebhookSet, v1::WebhookDisabled,
                   v1::ClientSuspended, v1::ClientResumed, v1::ClientRetired, v1::ClientCorrected>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }

  static void Apply(Row&, const v1::ClientRegistered&, const EventMeta&);
  static void Apply(Row&, const v1::ClientChanged&, const EventMeta&);
  static void Apply(Row&, const v1::WebhookSet&, const EventMeta&);
  static void Apply(Row&, const v1::WebhookDisabled&, const EventMeta&);
  static void Apply(Row&, const v1::ClientSuspended&, const EventMeta&);
  static void Apply(Row&, const v1::ClientResumed&, const EventMeta&);
  static void Apply(Row&, const v1::ClientRetired&, const EventMeta&);
  static void Apply(Row&, const v1::ClientCorrected&, const EventMeta&);
};
static_assert(View<ClientList>);

}  // namespace holdfast::directory
