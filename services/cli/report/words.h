// How days, months, numbers and codes are said: the words of the console's page
// (services/gateway/web/src/words.ts), in British English.
#pragma once

#include <string>
#include <string_view>

#include "holdfast/initiative/v1/site.pb.h"
#include "holdfast/metrics/v1/figure.pb.h"
#include "holdfast/metrics/v1/words.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/time/civil_time.h"
#include "cli/report/report_data.h"

namespace holdfast::cli::report {

absl::CivilMonth ToCivil(const type::v1::Month& month);
absl::CivilDay ToCivil(const type::v1::Day& day);
type::v1::Month ToMessage(absl::CivilMonth month);

std::string LongMonth(absl::CivilMonth month);   // "January 2017"
std::string ShortMonth(absl::CivilMonth month);  // "Jan 2017"
std::string LongDay(absl::CivilDay day);         // "30 June 2018"
std::string SayMonths(const MonthSpan& span);    // "Jan 2017 to Mar 2017", "Jan 2017"

// Thousands by comma; digits after the point by size (2 below 10, 1 below 1,000, else none), unless
// given.
std::string Number(double value);
std::string Number(double value, int digits);
std::string Percent(double value);           // "-18.2" -> "−18.2 %"
std::string PValue(double p);                // "0.034", "< 0.001"
std::string Short(std::string_view digest);  // the first 16 hexadecimal digits of a digest

std::string PhaseName(initiative::v1::Phase::Code phase);
std::string DutyName(type::v1::Duty::Code duty);
std::string GateName(metrics::v1::Gate::Code gate);  // "G2, three years of history"
std::string OutcomeName(metrics::v1::Gate::Outcome outcome);
std::string CaveatSentence(metrics::v1::Caveat::Code caveat);
std::string UndefinedReason(metrics::v1::Undefined::Reason reason);
std::string SuppressedRule(metrics::v1::Suppressed::Rule rule);
std::string RuleName(std::string_view rule);
// For a narrow column; said in full in the finding of the chart.
std::string BriefRuleName(std::string_view rule);
std::string BreakName(metrics::v1::Break::Kind kind);

// The estimate, or why there is none.
std::string Estimate(const metrics::v1::Figure& figure);
// "10.1 to 15.2"; empty where the figure has no interval.
std::string IntervalOf(const metrics::v1::Figure& figure);
// Of severity: "1,204 / 980", with its weights capped / with the heaviest offences left out. Empty
// of other figures.
std::string SensitivityOf(const metrics::v1::Figure& figure);
// What SensitivityOf says, in a sentence.
inline constexpr std::string_view kSensitivitySentence =
    "Sensitivity: the figure with weights capped at 3,000 / with offences above that left out; "
    "where "
    "they differ much from it, few heavy offences make it.";
// "95 % interval", as the figure has it.
std::string IntervalHeading(const metrics::v1::Figure& figure);
// "95 %".
std::string Level(double level);

}  // namespace holdfast::cli::report
