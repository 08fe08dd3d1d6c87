#include "cli/figures.h"

#include <google/protobuf/repeated_field.h>

#include "absl/strings/str_cat.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/report/words.h"

namespace holdfast::cli {
namespace {

namespace v1 = metrics::v1;

std::string SensitivityCell(const v1::Figure& figure, v1::SensitivityLine::Kind kind) {
  for (const auto& line : figure.value().sensitivity()) {
    if (line.kind() != kind) continue;
    if (line.has_estimate()) return ToText(line.estimate(), 4);
    return "undefined: " + v1::Undefined::Reason_Name(line.undefined().reason());
  }
  return "";
}

}  // namespace

std::string EstimateCell(const v1::Figure& figure) {
  if (figure.has_value()) return ToText(figure.value().estimate(), 4);
  if (figure.has_suppressed()) return "c";
  if (figure.undefined().reason() == v1::Undefined::MISSING_PERIOD) return "no_data";
  return "undefined: " + v1::Undefined::Reason_Name(figure.undefined().reason());
}

std::string LowerCell(const v1::Figure& figure) {
  return figure.value().has_lower() ? ToText(figure.value().lower(), 4) : "";
}

std::string UpperCell(const v1::Figure& figure) {
  return figure.value().has_upper() ? ToText(figure.value().upper(), 4) : "";
}

std::string CappedCell(const v1::Figure& figure) {
  return SensitivityCell(figure, v1::SensitivityLine::WEIGHTS_CAPPED);
}

std::string LeftOutCell(const v1::Figure& figure) {
  return SensitivityCell(figure, v1::SensitivityLine::HEAVIEST_LEFT_OUT);
}

template <class Caveats>
void SayCaveats(const Caveats& caveats) {
  for (const int caveat : caveats) {
    const auto code = static_cast<v1::Caveat::Code>(caveat);
    Say(absl::StrCat("caveat: ", v1::Caveat::Code_Name(code), ": ", report::CaveatSentence(code)));
  }
}
template void SayCaveats(const google::protobuf::RepeatedField<int>&);

}  // namespace holdfast::cli
