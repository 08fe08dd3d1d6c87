#include "cli/report/invented_site.h"

#include <google/protobuf/text_format.h>

#include "base/check.h"
#include "cli/report/valid_time.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

constexpr int kMonths = 36;
const absl::CivilMonth kFirst(2023, 1);
const absl::CivilMonth kMissing(2025, 3);

template <class Message>
Message Parse(const std::string& text) {
  Message message;
  HOLDFAST_CHECK(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

// Ups and downs that look like counts, the same on every machine; lower from July 2025.
std::uint64_t CountOf(int month, int level) {
  const int wave = (month * 37 + level * 11) % 17 - 8;
  const int fall = month >= 30 ? level / 4 : 0;
  return static_cast<std::uint64_t>(level + wave * level / 40 - fall);
}

v1::Figure FigureOf(double estimate, double half_width) {
  v1::Figure figure;
  v1::Value& value = *figure.mutable_value();
  value.set_estimate(estimate);
  value.set_lower(estimate - half_width);
  value.set_upper(estimate + half_width);
  value.set_level(0.95);
  value.set_interval_method("exact Poisson");
  figure.mutable_provenance()->set_method("count@1");
  figure.mutable_provenance()->set_inputs_digest(std::string(32, '\x5a'));
  return figure;
}

type::v1::AsOf Knowledge() {
  return Parse<type::v1::AsOf>(
      "contexts { position { context: \"metrics\" seq: 4711 } recorded_at { seconds: 1767603600 } "
      "}");
}

void FillSeries(MeasureReport& measure, int level, double weight) {
  auto& answer = measure.series.answer;
  auto& chart = measure.chart.answer;
  answer.mutable_measure()->set_measure_id(measure.measure_id);
  v1::Series& series = *answer.add_series();
  series.mutable_area()->add_codes("W01");
  for (int i = 0; i < kMonths; ++i) {
    v1::SeriesPoint& point = *series.add_points();
    v1::ControlPoint& drawn = *chart.add_points();
    *point.mutable_month() = *drawn.mutable_month() = ToMessage(kFirst + i);
    const bool missing = kFirst + i == kMissing;
    point.set_completeness(missing ? v1::Completeness::MISSING : v1::Completeness::COMPLETE);
    drawn.set_completeness(point.completeness());
    if (missing) {
      point.mutable_figure()->mutable_undefined()->set_reason(v1::Undefined::MISSING_PERIOD);
      *answer.add_months_without_data() = point.month();
      continue;
    }
    const auto count = CountOf(i, level);
    point.set_count(count);
    *point.mutable_figure() = FigureOf(static_cast<double>(count) * weight, level * weight / 8);
    if (weight > 1) point.mutable_figure()->mutable_value()->set_n_eff(38.5);
    drawn.set_value(static_cast<double>(count) * weight);
    if (i >= 30) drawn.add_rules("SEVEN_ONE_SIDE");
  }
  chart.set_mean(level * weight);
  chart.set_lower(level * weight * 0.72);
  chart.set_upper(level * weight * 1.28);
  chart.set_method("xmr@1");
  chart.set_rule_set("nhs-plot-the-dots@1");
  *chart.mutable_as_of() = *answer.mutable_as_of() = Knowledge();
  measure.series.missing = measure.chart.missing = "";
}

void FillComparison(MeasureReport& measure, double ratio) {
  for (const char* label : {"the same months a year before", "the period before"}) {
    auto& change = *measure.comparison.answer.add_changes();
    change.set_label(label);
    change.set_count(412);
    change.set_comparison_count(517);
    *change.mutable_rate_ratio() = FigureOf(ratio, 0.11);
    change.mutable_rate_ratio()->mutable_value()->set_p(0.0042);
    *change.mutable_percent_change() = FigureOf((ratio - 1) * 100, 11);
  }
  measure.comparison.missing.clear();
}

template <class Request>
void Choose(const ReportData& data, const std::string& measure, Request& request) {
  request.set_measure(measure);
  request.mutable_areas()->set_kind("ward");
  request.mutable_areas()->set_vintage("2022");
  *request.mutable_areas()->mutable_codes() = data.board.answer.site().codes();
}

MeasureReport Measured(const ReportData& data, const std::string& id, const std::string& title,
                       int level, double weight) {
  MeasureReport measure;
  measure.measure_id = id;
  measure.definition.set_title(title);
  measure.definition.set_plain_title(title + " in the site's wards");
  measure.months = MonthSpan{kFirst, kFirst + (kMonths - 1)};
  Choose(data, id, measure.series.request);
  *measure.series.request.mutable_from() = ToMessage(measure.months->first);
  *measure.series.request.mutable_to() = ToMessage(measure.months->last);
  Choose(data, id, measure.chart.request);
  *measure.chart.request.mutable_from() = ToMessage(measure.months->first);
  *measure.chart.request.mutable_to() = ToMessage(measure.months->last);
  *measure.chart.request.mutable_freeze_from() = ToMessage(kFirst);
  *measure.chart.request.mutable_freeze_to() = ToMessage(kFirst + 23);
  measure.chart.request.set_site_id(data.site_id);
  Choose(data, id, measure.comparison.request);
  *measure.comparison.request.mutable_from() = ToMessage(absl::CivilMonth(2025, 7));
  *measure.comparison.request.mutable_to() = ToMessage(absl::CivilMonth(2025, 12));
  FillSeries(measure, level, weight);
  FillComparison(measure, id == "noise" ? 0.97 : 0.78);
  return measure;
}

v1::RankRow RankOf(const std::string& code, const std::string& name, unsigned rank) {
  v1::RankRow row;
  row.mutable_area()->add_codes(code);
  row.mutable_area()->set_name(name);
  *row.mutable_figure() = FigureOf(900.0 - 30 * rank, 60);
  row.set_observed_rank(rank);
  row.set_median_rank(rank + 0.5);
  row.set_rank_lower(rank > 2 ? rank - 2 : 1);
  row.set_rank_upper(rank + 3);
  row.set_probability_top_three(rank < 4 ? 0.82 : 0.04);
  row.set_expected_fall_percent(7);
  return row;
}

// Of the latest period: the two wards of the site, and invented ones.
v1::RankRow RowAt(unsigned rank) {
  if (rank == 5) return RankOf("W01", "Fernley", rank);
  if (rank == 9) return RankOf("W02", "Mill Lane", rank);
  return RankOf("W" + std::to_string(rank + 30), "Ward " + std::to_string(rank), rank);
}

void FillRanks(ReportData& data) {
  for (const char* period : {"2023H1", "2023H2", "2024H1", "2024H2", "2025H1", "2025H2"}) {
    data.ranks.request.add_periods(period);
    v1::PeriodRanks& ranks = *data.ranks.answer.add_periods();
    ranks.set_period(period);
    ranks.set_areas(24);
    ranks.set_exposure("per area, not per resident");
    if (ranks.period() == "2025H1") {
      ranks.mutable_undefined()->set_reason(v1::Undefined::MISSING_PERIOD);
      *ranks.add_months_without_data() = ToMessage(kMissing);
      continue;
    }
    const bool late = ranks.period() == "2025H2";
    *ranks.add_rows() = RankOf("W01", "Fernley", late ? 5 : 2);
    *ranks.add_rows() = RankOf("W02", "Mill Lane", late ? 9 : 6);
  }
  Choose(data, "severity", data.ranks.request);
  Choose(data, "severity", data.latest_ranks.request);
  data.latest_ranks.request.mutable_areas()->clear_codes();
  data.latest_ranks.request.add_periods("2025H2");
  v1::PeriodRanks& latest = *data.latest_ranks.answer.add_periods();
  latest = data.ranks.answer.periods(5);
  latest.clear_rows();
  latest.set_unlocated(31);
  latest.add_caveats(v1::Caveat::NO_POPULATION);
  latest.add_caveats(v1::Caveat::APPROXIMATE);
  for (unsigned rank = 1; rank <= 24; ++rank) *latest.add_rows() = RowAt(rank);
  data.ranks.missing = data.latest_ranks.missing = "";
}

void FillBaseline(ReportData& data) {
  data.baseline.answer = Parse<v1::GetBaselineResponse>(R"pb(
    locked_at { seconds: 1735884000 }
    actor_ref: "p-0041"
    baseline {
      number: 1
      window {
        from { year: 2023 month: 1 }
        to { year: 2024 month: 12 }
      }
      measures { measure_id: "severity" version: 1 }
      measures { measure_id: "crime" version: 1 }
      gates { gate: G1_SOURCES outcome: PASSED finding: "4 measures, 1 of them not police" }
      gates { gate: G2_HISTORY outcome: WAIVED finding: "24 months; 36 are asked" }
      gates { gate: G5_DEFINITIONS outcome: PASSED finding: "4 of 4 fixed" }
      waived {
        gate: G2_HISTORY
        by: "p-0007"
        duty: CHIEF_OFFICER
        reason: "The archive begins in January 2023."
      }
      caveats: GATE_WAIVED
      detectable_fall_percent: 12
      detectable_fall_percent: 9
      comparators: "W35"
      comparators: "W36"
      digest: "0123456789abcdef0123456789abcdef"
    })pb");
  for (const char* id : {"severity", "crime"}) {
    v1::Figure& value = *data.baseline.answer.mutable_baseline()->add_values();
    value = FigureOf(id == std::string("crime") ? 120.4 : 8123.7, 6.1);
    value.mutable_measure()->set_measure_id(id);
  }
  data.baseline.missing.clear();
}

void FillData(ReportData& data) {
  data.datasets =
      Parse<v1::ListDatasetsResponse>(R"pb(
        datasets {
          dataset_id: "eastvale-street"
          kind: POLICE_UK_STREET
          title: "Eastvale, street-level crime"
          territorial: true
          force: "eastvale"
        }
        datasets {
          dataset_id: "noise"
          kind: AGENCY_SERIES
          title: "Noise complaints"
          agency: "council"
        })pb");
  for (const char* dataset : {"eastvale-street", "noise"}) {
    for (int i = 0; i < kMonths; ++i) {
      v1::ExtractQuality& extract = *data.extracts.answer.add_extracts();
      extract.set_dataset_id(dataset);
      *extract.mutable_month() = ToMessage(kFirst + i);
      extract.set_completeness(v1::Completeness::MISSING);
      if (kFirst + i == kMissing) continue;
      extract.set_completeness(v1::Completeness::COMPLETE);
      extract.set_revision(1);
      extract.set_rows_in(2012);
      extract.set_accepted(2009);
      extract.set_rejected(3);
      extract.set_unlocated(11);
      extract.set_geocoded_percent(99.4);
      extract.set_digest(std::string(32, static_cast<char>('a' + i % 26)));
    }
  }
  *data.extracts.request.mutable_to() = ToMessage(kFirst + (kMonths - 1));
  data.extracts.missing.clear();
  data.references = Parse<v1::ListReferenceSetsResponse>(R"pb(
    sets {
      set: "weights.css-by-category"
      version: 1
      verification: UNVERIFIED
      source: "shipped"
      sha256: "0123456789abcdef0123456789abcdef"
      valid_from { year: 2013 month: 4 day: 1 }
    })pb");
}

board::v1::SiteBoard PhasesOfTheSite() {
  return Parse<board::v1::SiteBoard>(R"pb(
    site {
      phases {
        episode: 1
        phase: CLEAR
        zone: "Quay"
        recorded_afterwards: true
        source: "Operation log of the former unit"
        from { year: 2023 month: 9 day: 1 }
        to { year: 2023 month: 12 day: 31 }
      }
      phases {
        episode: 2
        phase: PREPARE
        zone: "site"
        from { year: 2024 month: 10 day: 1 }
        to { year: 2025 month: 1 day: 5 }
      }
      phases {
        episode: 3
        phase: CLEAR
        zone: "site"
        lead_agency: "eastvale-police"
        override: 1
        from { year: 2025 month: 1 day: 6 }
        to { year: 2025 month: 6 day: 30 }
      }
      phases {
        episode: 4
        phase: HOLD
        zone: "site"
        lead_agency: "council"
        from { year: 2025 month: 7 day: 1 }
      }
      overrides {
        number: 1
        gate: 3
        phase: CLEAR
        criteria: "ocg-map"
        duty: SRO
        overridden_by: "p-0012"
        rationale: "The threat to two families could not wait for the map."
        until { year: 2026 month: 3 day: 31 }
        overridden_at { seconds: 1735884000 }
      }
    })pb");
}

void FillBoard(ReportData& data) {
  data.board.request.set_site_id(data.site_id);
  data.board.answer = Parse<board::v1::SiteBoard>(R"pb(
    site {
      site_id: "fernley-together"
      name: "Fernley and Mill Lane"
      brand: "Fernley Together"
      set { kind: "ward" vintage: "2022" }
      codes: "W01"
      codes: "W02"
      agencies: "eastvale-police"
      agencies: "council"
    }
    breaks {
      kind: RECORDING
      text: "Harassment counted per victim from here"
      from { year: 2024 month: 4 day: 1 }
    }
    as_of {
      contexts {
        position { context: "initiative" seq: 88 }
        recorded_at { seconds: 1767603600 }
      }
    })pb");
  data.board.answer.MergeFrom(PhasesOfTheSite());
  data.board.missing.clear();
}

}  // namespace

ReportData InventedReport() {
  ReportData data;
  data.site_id = "fernley-together";
  data.tenant = "eastvale";
  data.as_of = absl::CivilDay(2025, 12, 31);
  FillBoard(data);
  data.areas = Parse<v1::ListAreasResponse>(R"pb(
    sets {
      areas { code: "W01" name: "Fernley" }
      areas { code: "W02" name: "Mill Lane" }
    })pb");
  data.baseline.request.set_site_id(data.site_id);
  FillBaseline(data);
  FillData(data);
  data.phase = PhaseToCompare(data.board.answer, {kFirst, kFirst + (kMonths - 1)});
  data.measures.push_back(Measured(data, "severity", "Severity", 120, 71.5));
  data.measures[0].series.answer.add_caveats(v1::Caveat::UNVERIFIED_WEIGHTS);
  data.measures.push_back(Measured(data, "crime", "Crime", 120, 1));
  data.measures.push_back(Measured(data, "burglary", "Burglary", 22, 1));
  data.measures.push_back(Measured(data, "noise", "Noise complaints", 45, 1));
  data.measures[3].definition.set_agency("council");
  FillRanks(data);
  return data;
}

ReportData EmptyReport() {
  ReportData data;
  data.site_id = "fernley-together";
  data.tenant = "eastvale";
  data.as_of = absl::CivilDay(2025, 12, 31);
  data.board.request.set_site_id(data.site_id);
  data.board.answer.mutable_site()->set_site_id(data.site_id);
  data.board.missing.clear();
  data.baseline.missing = "No baseline is locked.";
  data.extracts.missing.clear();
  MeasureReport crime;
  crime.measure_id = "crime";
  crime.series.missing = crime.chart.missing = crime.comparison.missing =
      "No data of this measure is loaded up to this day.";
  data.measures.push_back(crime);
  data.ranks.missing = data.latest_ranks.missing = "No police data is loaded up to this day.";
  return data;
}

}  // namespace holdfast::cli::report
