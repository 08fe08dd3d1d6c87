#include "metrics/metrics_service.h"

#include "metrics/domain/baseline.h"
#include "metrics/domain/dataset.h"
#include "metrics/domain/extract.h"
#include "metrics/domain/measure.h"
#include "metrics/domain/period.h"
#include "metrics/domain/reference_set.h"
#include "metrics/domain/series.h"
#include "metrics/domain/site_mirror.h"
#include "metrics/intake/import_handlers.h"
#include "metrics/intake/reference_handlers.h"
#include "metrics/queries/queries.h"
#include "metrics/reactors/mirror_site.h"
#include "metrics/views/dataset_list.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/extract_rows.h"
#include "metrics/views/measure_list.h"
#include "metrics/views/month_tally.h"
#include "metrics/views/reference_views.h"
#include "metrics/views/site_views.h"

namespace holdfast::metrics {

app::Service Metrics() {
  return app::Service("holdfast.metrics.v1.MetricsService")
      .Streams<ReferenceSet, Dataset, Extract, Measure, Baseline, Period, SeriesMarks, SiteMirror>()
      .Views<MonthTally, ExtractRows, ExtractList, DatasetList, ReferenceList, ReferenceRows,
             GeographySet, AreaList, MeasureList, BaselinePage, SeriesMarksPage, MirrorPage,
             PeriodList>()
      .Reactors<MirrorInitiative>()
      .HandleUpload(Upload)
      .Handle(PlanImport)
      .Handle(ApplyImport)
      .HandleWatch(WatchImport)
      .Handle(ListImportErrors)
      .Handle(ApproveImport)
      .Handle(RevertImport)
      .Handle(ImportGeography)
      .Handle(ImportReference)
      .Handle(ResolveAreas)
      .Handle(PublishShippedReference)
      .Handle(LockBaseline)
      .Handle(ClosePeriod)
      .Query(GetSeries)
      .Query(CompareAreas)
      .Query(GetRanks)
      .Query(GetControlChart)
      .Query(ExportCounts)
      .Query(ExplainFigure)
      .Query(ListExtracts)
      .Query(ListDatasets)
      .Query(ListReferenceSets)
      .Query(ListAreas)
      .Query(GetOutlines)
      .Query(ListMeasures)
      .Query(GetBaseline)
      .Query(ListBaselines)
      .Query(CheckBaseline)
      .Query(ListPeriods)
      .Query(GetSeriesMarks);
}

}  // namespace holdfast::metrics
