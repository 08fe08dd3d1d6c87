// The look of the report: light, the console's colours, laid out for A4.
#pragma once

#include <string_view>

namespace holdfast::cli::report {

std::string_view Style();

}  // namespace holdfast::cli::report
