// W3C trace context, version 00: "00-<32 hex>-<16 hex>-<2 hex>", lower case, neither id zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace holdfast {
class Random;
}

namespace holdfast::rpc {

struct TraceParent {
  Uuid trace_id{};     // also the correlation id of the call's commits
  std::string header;  // as commits and onward calls carry it
};

// Empty where the text is unreadable: then a new trace begins.
std::optional<TraceParent> ParseTraceParent(std::string_view text);

// A new trace, not sampled.
TraceParent NewTraceParent(Random& random);

}  // namespace holdfast::rpc
