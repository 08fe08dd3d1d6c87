#include "cli/report/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/hex.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

template <class Code>
struct Word {
  Code code;
  std::string_view text;
};

// Lower case, spaces for underscores: what is said of a code that has no words here.
std::string Plain(std::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(std::string(name)), {{"_", " "}});
}

template <class Code, std::size_t N>
std::string Find(const Word<Code> (&words)[N], Code code, std::string_view name) {
  for (const Word<Code>& word : words) {
    if (word.code == code) return std::string(word.text);
  }
  return Plain(name);
}

constexpr Word<v1::Gate::Code> kGates[] = {
    {v1::Gate::G1_SOURCES, "a source for every measure, one not police"},
    {v1::Gate::G2_HISTORY, "three years of history"},
    {v1::Gate::G3_PUNCTUALITY, "extracts complete and on time"},
    {v1::Gate::G4_GEOCODED, "crimes placed on the map"},
    {v1::Gate::G5_DEFINITIONS, "definitions fixed"},
    {v1::Gate::G6_COMPARATORS, "comparison areas chosen and frozen"},
    {v1::Gate::G7_DISPLACEMENT_ZONE, "displacement zone frozen"},
    {v1::Gate::G8_SURVEY, "survey wave 0 done"},
    {v1::Gate::G9_REGISTRATION, "evaluation registered"},
    {v1::Gate::G10_DIGESTS, "data digests frozen"},
};

constexpr Word<v1::Caveat::Code> kCaveats[] = {
    {v1::Caveat::NO_POPULATION, "No population is loaded: figures are per area, not per resident."},
    {v1::Caveat::APPROXIMATE, "Approximate: the data carry crime categories, not offence codes."},
    {v1::Caveat::UNVERIFIED_WEIGHTS,
     "The severity weights have not been checked against their source."},
    {v1::Caveat::UNBOUNDED, "The interval has no upper end."},
    {v1::Caveat::NO_SPREAD, "The areas differ no more than chance would make them."},
    {v1::Caveat::COVID_BASELINE, "The baseline includes months of the pandemic."},
    {v1::Caveat::SHORT_BASELINE, "The baseline is short: fewer than 24 months."},
    {v1::Caveat::RETROSPECTIVE, "The baseline was built after Clear began."},
    {v1::Caveat::SMALL_COUNTS, "The counts are small: read the interval, not the percentage."},
    {v1::Caveat::INDICATIVE_ONLY, "Indicative only: fewer than 100 answers."},
    {v1::Caveat::ASB_NOT_WEIGHTED,
     "Anti-social behaviour has no weight and is counted apart from severity."},
    {v1::Caveat::OUTCOMES_CENSORED, "Outcomes of recent months are not yet complete."},
    {v1::Caveat::SOME_UNLOCATED, "Some crimes lie in no area and are in no rank."},
    {v1::Caveat::PARTIAL_MONTH, "A month is not yet complete."},
    {v1::Caveat::REGRESSION_TO_THE_MEAN,
     "Chosen because it was high: part of a fall would have come by itself."},
    {v1::Caveat::GATE_WAIVED, "A condition of the baseline was waived."},
    {v1::Caveat::SOME_WITHOUT_DATA, "Some areas have no data and are in no rank."},
};

constexpr Word<v1::Undefined::Reason> kUndefined[] = {
    {v1::Undefined::NO_EVENTS, "nothing was recorded"},
    {v1::Undefined::ZERO_EXPOSURE, "there is no exposure"},
    {v1::Undefined::ZERO_BASELINE, "the earlier count is zero"},
    {v1::Undefined::BASELINE_TOO_SMALL, "the earlier count is too small"},
    {v1::Undefined::MISSING_PERIOD, "a month has no data"},
    {v1::Undefined::SERIES_TOO_SHORT, "there are too few months"},
    {v1::Undefined::NO_VARIATION, "every month is equal"},
    {v1::Undefined::NOT_ESTIMABLE, "it cannot be estimated from these data"},
    {v1::Undefined::DID_NOT_CONVERGE, "the estimate did not settle"},
    {v1::Undefined::DENOMINATOR_COVERS_ZERO, "the interval of the denominator covers zero"},
    {v1::Undefined::INCOMPLETE_POPULATION, "not every area has data"},
    {v1::Undefined::MISSING_WEIGHTS, "a crime has no severity weight"},
    {v1::Undefined::INPUT_OUT_OF_RANGE, "a value is out of range"},
    {v1::Undefined::TOO_LARGE, "there is too much to compute"},
    {v1::Undefined::TOO_FEW, "there is too little to compute from"},
};

constexpr Word<v1::Break::Kind> kBreaks[] = {
    {v1::Break::DEFINITION, "Definition changed"},
    {v1::Break::BOUNDARY, "Boundary changed"},
    {v1::Break::RECORDING, "Recording changed"},
    {v1::Break::SYSTEM, "System changed"},
    {v1::Break::LOCKDOWN, "Lockdown"},
    {v1::Break::INSPECTION, "Inspection"},
};

constexpr Word<type::v1::Duty::Code> kDuties[] = {
    {type::v1::Duty::CHIEF_OFFICER, "chief officer"},
    {type::v1::Duty::SRO, "senior responsible officer (SRO)"},
    {type::v1::Duty::LRO, "local responsible officer (LRO)"},
    {type::v1::Duty::OCG_COORDINATOR, "OCG coordinator"},
};

struct Rule {
  std::string_view code, words, brief;
};
constexpr Rule kRules[] = {
    {"OUTSIDE_LIMITS", "outside the limits", "outside"},
    {"SEVEN_ONE_SIDE", "seven in a row on one side of the mean", "7 one side"},
    {"SEVEN_TREND", "seven in a row moving one way", "7 one way"},
    {"TWO_OF_THREE", "two of three near a limit", "2 of 3"},
};

std::string WithCommas(std::string digits) {
  const std::size_t end = std::min(digits.find('.'), digits.size());
  for (std::size_t at = end; at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace

absl::CivilMonth ToCivil(const type::v1::Month& month) {
  return absl::CivilMonth(month.year(), month.month());
}

absl::CivilDay ToCivil(const type::v1::Day& day) {
  return absl::CivilDay(day.year(), day.month(), day.day());
}

type::v1::Month ToMessage(absl::CivilMonth month) {
  type::v1::Month message;
  message.set_year(static_cast<std::int32_t>(month.year()));
  message.set_month(month.month());
  return message;
}

std::string LongMonth(absl::CivilMonth month) {
  return std::string(kMonths[static_cast<std::size_t>(month.month() - 1)]) + " " +
         std::to_string(month.year());
}

std::string ShortMonth(absl::CivilMonth month) {
  return std::string(kMonths[static_cast<std::size_t>(month.month() - 1)].substr(0, 3)) + " " +
         std::to_string(month.year());
}

std::string LongDay(absl::CivilDay day) {
  return std::to_string(day.day()) + " " + LongMonth(absl::CivilMonth(day));
}

std::string SayMonths(const MonthSpan& span) {
  if (span.first == span.last) return ShortMonth(span.first);
  return ShortMonth(span.first) + " to " + ShortMonth(span.last);
}

std::string Number(double value) {
  const double size = std::abs(value);
  return Number(value, size < 10 ? 2 : size < 1000 ? 1 : 0);
}

std::string Number(double value, int digits) {
  if (!std::isfinite(value)) return value > 0 ? "unbounded" : "not a number";
  char out[400];
  std::snprintf(out, sizeof out, "%.*f", digits, std::abs(value));
  std::string text = out;
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  const bool negative = value < 0 && text != "0";
  return (negative ? "\u2212" : "") + WithCommas(text);
}

std::string Percent(double value) {
  return (value > 0 ? "+" : "") + Number(value, 1) + "\u00A0%";
}

std::string PValue(double p) {
  return p < 0.001 ? "<\u00A00.001" : Number(p, 3);
}

std::string Short(std::string_view digest) {
  return digest.empty() ? "" : ToHex(digest).substr(0, 16);
}

std::string PhaseName(initiative::v1::Phase::Code phase) {
  std::string name = Plain(initiative::v1::Phase::Code_Name(phase));
  if (name.empty()) return "Unnamed phase";
  name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return name;
}

std::string DutyName(type::v1::Duty::Code duty) {
  return Find(kDuties, duty, type::v1::Duty::Code_Name(duty));
}

std::string GateName(v1::Gate::Code gate) {
  const std::string& name = v1::Gate::Code_Name(gate);
  return name.substr(0, name.find('_')) + ", " + Find(kGates, gate, name);
}

std::string OutcomeName(v1::Gate::Outcome outcome) {
  if (outcome == v1::Gate::PASSED) return "met";
  return outcome == v1::Gate::WAIVED ? "waived" : "not met";
}

std::string CaveatSentence(v1::Caveat::Code caveat) {
  return Find(kCaveats, caveat, v1::Caveat::Code_Name(caveat));
}

std::string UndefinedReason(v1::Undefined::Reason reason) {
  return Find(kUndefined, reason, v1::Undefined::Reason_Name(reason));
}

std::string SuppressedRule(v1::Suppressed::Rule rule) {
  return Plain(v1::Suppressed::Rule_Name(rule));
}

std::string RuleName(std::string_view rule) {
  for (const Rule& known : kRules) {
    if (known.code == rule) return std::string(known.words);
  }
  return Plain(rule);
}

std::string BriefRuleName(std::string_view rule) {
  for (const Rule& known : kRules) {
    if (known.code == rule) return std::string(known.brief);
  }
  return Plain(rule);
}

std::string BreakName(v1::Break::Kind kind) {
  return Find(kBreaks, kind, v1::Break::Kind_Name(kind));
}

std::string Estimate(const v1::Figure& figure) {
  if (figure.has_value()) return Number(figure.value().estimate());
  if (figure.has_undefined()) return "not defined: " + UndefinedReason(figure.undefined().reason());
  if (figure.has_suppressed()) return "withheld: " + SuppressedRule(figure.suppressed().rule());
  return "no data";
}

std::string IntervalOf(const v1::Figure& figure) {
  const v1::Value& value = figure.value();
  if (!figure.has_value() || !value.has_lower()) return "";
  return Number(value.lower()) + " to " + (value.has_upper() ? Number(value.upper()) : "unbounded");
}

std::string SensitivityOf(const v1::Figure& figure) {
  std::vector<std::string> lines;
  for (const auto& line : figure.value().sensitivity()) {
    lines.push_back(line.has_estimate() ? Number(line.estimate())
                                        : UndefinedReason(line.undefined().reason()));
  }
  return absl::StrJoin(lines, " / ");
}

std::string IntervalHeading(const v1::Figure& figure) {
  return figure.value().level() > 0 ? Level(figure.value().level()) + " interval" : "Interval";
}

std::string Level(double level) {
  return Number(level * 100, 1) + "\u00A0%";
}

}  // namespace holdfast::cli::report
