#include <algorithm>

#include "absl/strings/str_join.h"
#include "cli/report/charts.h"
#include "cli/report/sections.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

namespace v1 = metrics::v1;

const v1::RankRow* RowOf(const v1::PeriodRanks& period, const std::string& code) {
  for (const v1::RankRow& row : period.rows()) {
    if (row.area().codes_size() > 0 && row.area().codes(0) == code) return &row;
  }
  return nullptr;
}

std::string NameOf(const ReportData& data, const v1::AreaRef& area) {
  if (!area.name().empty()) return area.name();
  return area.codes_size() > 0 ? AreaName(data, area.codes(0)) : "unnamed";
}

std::string RankInterval(const v1::RankRow& row) {
  return Number(row.rank_lower(), 0) + " to " + Number(row.rank_upper(), 0);
}

std::string NoRank(const v1::PeriodRanks& period) {
  std::string text = "no rank: " + UndefinedReason(period.undefined().reason());
  std::vector<std::string> months;
  for (const auto& month : period.months_without_data())
    months.push_back(ShortMonth(ToCivil(month)));
  return months.empty() ? text : text + " (" + absl::StrJoin(months, ", ") + ")";
}

std::string Finding(const ReportData& data) {
  const auto& periods = data.ranks.answer.periods();
  std::vector<std::string> gaps;
  const v1::PeriodRanks* latest = nullptr;
  for (const v1::PeriodRanks& period : periods) {
    if (period.has_undefined()) {
      gaps.push_back(period.period() + " (" + UndefinedReason(period.undefined().reason()) + ")");
    } else {
      latest = &period;
    }
  }
  const std::string without = gaps.empty() ? "" : " No rank: " + absl::StrJoin(gaps, ", ") + ".";
  if (latest == nullptr) return "No half-year can be ranked yet." + without;
  std::vector<std::string> said;
  for (const v1::RankRow& row : latest->rows()) {
    said.push_back(NameOf(data, row.area()) + " ranked " + std::to_string(row.observed_rank()) +
                   " of " + std::to_string(latest->areas()) + " (90\u00A0% interval " +
                   RankInterval(row) + ")");
  }
  return "In " + latest->period() + " " + absl::StrJoin(said, "; ") + "." + without;
}

Markup Drawn(const ReportData& data, const std::string& finding) {
  RankPicture picture;
  picture.id = "rank-chart";
  picture.title = "Severity rank by half-year";
  picture.described = finding;
  const auto& periods = data.ranks.answer.periods();
  for (const v1::PeriodRanks& period : periods) {
    picture.periods.push_back(period.period());
    picture.areas = std::max(picture.areas, period.areas());
  }
  for (const std::string& code : data.board.answer.site().codes()) {
    RankPicture::Series series{AreaName(data, code), {}};
    for (const v1::PeriodRanks& period : periods) {
      const v1::RankRow* row = RowOf(period, code);
      series.points.push_back(row == nullptr
                                  ? RankPicture::Point()
                                  : RankPicture::Point{static_cast<double>(row->observed_rank()),
                                                       row->rank_lower(), row->rank_upper()});
    }
    picture.series.push_back(std::move(series));
  }
  return RankChart(picture);
}

Markup RankTable(const ReportData& data) {
  Table table{"table-ranks",
              "Severity rank of the site's areas by half-year (1 is the most severe)",
              {{"Half-year"},
               {"Area"},
               {"Rank", true},
               {"Median rank", true},
               {"90\u00A0% interval", true},
               {"Chance of top three", true},
               {"Areas", true}},
              {{}}};
  for (const v1::PeriodRanks& period : data.ranks.answer.periods()) {
    if (period.has_undefined())
      table.groups[0].rows.push_back(
          {period.period(), NoRank(period), "no rank", "", "", "", std::to_string(period.areas())});
    for (const v1::RankRow& row : period.rows()) {
      table.groups[0].rows.push_back({period.period(), NameOf(data, row.area()),
                                      std::to_string(row.observed_rank()),
                                      Number(row.median_rank(), 1), RankInterval(row),
                                      Number(row.probability_top_three() * 100, 0) + "\u00A0%",
                                      std::to_string(period.areas())});
    }
  }
  return RenderTable(table);
}

Table WholeTable(const ReportData& data, const v1::PeriodRanks& period) {
  const auto& codes = data.board.answer.site().codes();
  std::vector<const v1::RankRow*> rows;
  for (const v1::RankRow& row : period.rows()) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    return a->observed_rank() < b->observed_rank();
  });
  Table table{"table-all-ranks",
              "Every area in " + period.period() + ", the site's areas marked",
              {{"Area"},
               {"Code", false, true},
               {"Rank", true},
               {"90\u00A0% interval", true},
               {"Chance of top three", true},
               {"Severity", true},
               {rows.empty() ? "Interval" : IntervalHeading(rows[0]->figure()), true},
               {"Sensitivity", true},
               {"Falls by itself", true}},
              {},
              "tight"};
  for (const v1::RankRow* row : rows) {
    const std::string code = row->area().codes_size() > 0 ? row->area().codes(0) : "";
    const bool own = std::find(codes.begin(), codes.end(), code) != codes.end();
    // A change between the site's and other areas begins a group, so that its own can be marked.
    if (table.groups.empty() || table.groups.back().attributes.empty() == own)
      table.groups.push_back({"", own ? Attributes{{"class", "own"}} : Attributes(), {}});
    table.groups.back().rows.push_back(
        {NameOf(data, row->area()) + (own ? " (site)" : ""), code,
         std::to_string(row->observed_rank()), RankInterval(*row),
         Number(row->probability_top_three() * 100, 0) + "\u00A0%", Estimate(row->figure()),
         IntervalOf(row->figure()), SensitivityOf(row->figure()),
         row->has_expected_fall_percent() ? Number(row->expected_fall_percent(), 0) + "\u00A0%"
                                          : ""});
  }
  return table;
}

Markup LatestFigure(const ReportData& data) {
  if (!data.latest_ranks.has() || data.latest_ranks.answer.periods().empty())
    return Missing("The whole table of the latest half-year: " + data.latest_ranks.missing, "");
  const v1::PeriodRanks& period = data.latest_ranks.answer.periods(0);
  std::string said = std::to_string(period.areas()) + " areas";
  if (!period.exposure().empty()) said += ", " + period.exposure();
  if (period.unlocated() > 0)
    said += "; " + Number(static_cast<double>(period.unlocated()), 0) +
            " crimes lie in no area and are in no rank";
  if (!period.areas_without_data().empty())
    said += "; " + std::to_string(period.areas_without_data_size()) +
            " further areas have no data and are in no rank";
  const Markup table = period.has_undefined() ? Missing(period.period() + ": " + NoRank(period), "")
                                              : RenderTable(WholeTable(data, period));
  const Markup notes = Element("p", {{"class", "quiet"}},
                               "Falls by itself: by how much an area would be expected to fall had "
                               "it been chosen because it was high (regression to the mean). " +
                                   std::string(kSensitivitySentence));
  return FigureBlock("figure-all-ranks", "Every area in " + period.period(), said + ".", table,
                     notes, RankClaim(data, data.latest_ranks));
}

}  // namespace

Markup RankSection(const ReportData& data) {
  if (!data.ranks.has()) {
    return Section("ranks", "Severity rank by half-year",
                   Missing(data.ranks.missing, SupplyCommand(data)));
  }
  const std::string finding = Finding(data);
  Markup notes;
  if (static_cast<std::size_t>(data.board.answer.site().codes_size()) > kMostRankSeries)
    notes +=
        Element("p", {{"class", "quiet"}}, "Drawn are the first five areas; the table has all.");
  notes += RankTable(data);
  Markup inner = FigureBlock("figure-ranks", "The site's areas", finding, Drawn(data, finding),
                             notes, RankClaim(data, data.ranks));
  inner += LatestFigure(data);
  return Section("ranks", "Severity rank by half-year", inner);
}

}  // namespace holdfast::cli::report
