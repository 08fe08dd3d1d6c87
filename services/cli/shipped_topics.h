// The registry of topics that is shipped: deploy/kafka/topics.json.
#pragma once

#include <string_view>

namespace holdfast::cli {

std::string_view ShippedTopicsJson();

}  // namespace holdfast::cli
