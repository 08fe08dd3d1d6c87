// What the figures' RPCs answer. Queries: they read one snapshot, write nothing, and repeat byte
// for byte.
#pragma once

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/statusor.h"
#include "app/service.h"
#include "metrics/queries/counts.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {

absl::StatusOr<v1::GetSeriesResponse> GetSeries(const v1::GetSeriesRequest&,
                                                const app::QueryContext&);
absl::StatusOr<v1::CompareAreasResponse> CompareAreas(const v1::CompareAreasRequest&,
                                                      const app::QueryContext&);
absl::StatusOr<v1::GetControlChartResponse> GetControlChart(const v1::GetControlChartRequest&,
                                                            const app::QueryContext&);
absl::StatusOr<v1::GetRanksResponse> GetRanks(const v1::GetRanksRequest&, const app::QueryContext&);
absl::StatusOr<v1::ExportCountsResponse> ExportCounts(const v1::ExportCountsRequest&,
                                                      const app::QueryContext&);
absl::StatusOr<v1::ExplainFigureResponse> ExplainFigure(const v1::ExplainFigureRequest&,
                                                        const app::QueryContext&);
absl::StatusOr<v1::ListExtractsResponse> ListExtracts(const v1::ListExtractsRequest&,
                                                      const app::QueryContext&);
absl::StatusOr<v1::ListDatasetsResponse> ListDatasets(const v1::ListDatasetsRequest&,
                                                      const app::QueryContext&);
absl::StatusOr<v1::ListReferenceSetsResponse> ListReferenceSets(const v1::ListReferenceSetsRequest&,
                                                                const app::QueryContext&);
absl::StatusOr<v1::ListAreasResponse> ListAreas(const v1::ListAreasRequest&,
                                                const app::QueryContext&);
absl::StatusOr<v1::GetOutlinesResponse> GetOutlines(const v1::GetOutlinesRequest&,
                                                    const app::QueryContext&);
absl::StatusOr<v1::ListMeasuresResponse> ListMeasures(const v1::ListMeasuresRequest&,
                                                      const app::QueryContext&);
absl::StatusOr<v1::GetBaselineResponse> GetBaseline(const v1::GetBaselineRequest&,
                                                    const app::QueryContext&);
absl::StatusOr<v1::ListBaselinesResponse> ListBaselines(const v1::ListBaselinesRequest&,
                                                        const app::QueryContext&);
absl::StatusOr<v1::CheckBaselineResponse> CheckBaseline(const v1::CheckBaselineRequest&,
                                                        const app::QueryContext&);
absl::StatusOr<v1::ListPeriodsResponse> ListPeriods(const v1::ListPeriodsRequest&,
                                                    const app::QueryContext&);
absl::StatusOr<v1::GetSeriesMarksResponse> GetSeriesMarks(const v1::GetSeriesMarksRequest&,
                                                          const app::QueryContext&);

// Handlers that find, then let the decider decide.
absl::StatusOr<type::v1::Receipt> LockBaseline(const v1::LockBaselineRequest&, app::CallContext&);
absl::StatusOr<type::v1::Receipt> ClosePeriod(const v1::ClosePeriodRequest&, app::CallContext&);

// The ranks of one half-year, as GetRanks shows and ClosePeriod keeps them.
absl::StatusOr<v1::PeriodRanks> RankPeriod(const readmodel::Reader& reader,
                                           const MeasureChoice& choice, const Areas& areas,
                                           const Counts& counts, const std::string& period);

}  // namespace holdfast::metrics
