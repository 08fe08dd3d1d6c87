// A measure of the site by month against its natural limits, with the phases and the baseline above it.
import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import { metrics } from "../../api";
import { ControlChart, type Band } from "../../charts/control_chart";
import type { SiteBoard } from "../../gen/holdfast/board/v1/board_pb";
import type { BoardBaseline } from "../../gen/holdfast/board/v1/rows_pb";
import type { GetControlChartResponse, ListMeasuresResponse } from "../../gen/holdfast/metrics/v1/queries_pb";
import { Completeness_Code, type MeasureDefinition } from "../../gen/holdfast/metrics/v1/words_pb";
import { Figure, type LegendEntry } from "../../parts/figure";
import { Failed, Loading, useAnswer } from "../../parts/states";
import type { TableTwin } from "../../parts/table";
import { choose } from "../../router";
import { dayName, dayPlace, expectationSentence, isoMonth, monthName, monthNameOf, monthNumber, phaseCode, phaseName, ruleName,
  unitInWords } from "../../words";
import { frozenOn, seriesFinding, type SeriesPoint, type Window } from "./findings";
import { todayPlace, zoneSuffix } from "./phases";

export function Series({ board, baseline, measure, measures }: {
  board: SiteBoard; baseline: BoardBaseline | undefined; measure: string; measures: ListMeasuresResponse;
}): JSX.Element {
  const site = board.site;
  const [asked, retry] = useAnswer(measure, async () => ({
    measure,
    chart: await metrics.getControlChart({
      measure, siteId: site?.siteId ?? "",
      areas: { kind: site?.set?.kind ?? "", vintage: site?.set?.vintage ?? "", codes: site?.codes ?? [] },
      ...(baseline ? { freezeFrom: baseline.from, freezeTo: baseline.to } : {}),
    }),
  }));
  return (
    <div>
      <div class="govuk-form-group hf-controls">
        <label class="govuk-label" for="measure">Measure</label>
        <select class="govuk-select" id="measure" value={measure} onChange={(event) => choose("measure", event.currentTarget.value)}>
          {!measures.measures.some((one) => one.measureId === measure) && <option value={measure}>{measure}</option>}
          {measures.measures.map((one) => (
            <option value={one.measureId} selected={one.measureId === measure}>{one.definition?.title ?? one.measureId}</option>
          ))}
        </select>
      </div>
      {asked.state === "loading" ? <Loading what="the series" tall />
        : asked.state === "failed" ? <Failed error={asked.error} retry={retry} what="the series" />
          : <SeriesFigure board={board} baseline={baseline} measure={asked.value.measure} chart={asked.value.chart} renewing={asked.renewing}
              definition={measures.measures.find((one) => one.measureId === asked.value.measure)?.definition} />}
    </div>
  );
}

export const seriesPoints = (chart: GetControlChartResponse): SeriesPoint[] =>
  chart.points.flatMap((point) => (point.month ? [{
    month: monthNumber(point.month), name: monthName(point.month), rules: point.rules.map(ruleName),
    ...(point.completeness !== Completeness_Code.MISSING && point.value !== undefined ? { value: point.value } : {}),
  }] : []));

function SeriesFigure({ board, baseline, measure, definition, chart, renewing }: {
  board: SiteBoard; baseline: BoardBaseline | undefined; measure: string; definition: MeasureDefinition | undefined;
  chart: GetControlChartResponse; renewing: boolean;
}): JSX.Element {
  const title = definition?.plainTitle ?? measure;
  const points = useMemo(() => seriesPoints(chart), [chart]);
  const locked: Window | undefined = baseline?.from && baseline.to
    ? { from: monthNumber(baseline.from), to: monthNumber(baseline.to) } : undefined;
  const window = frozenOn(points, locked);
  const clear = board.site?.phases.filter((band) => phaseCode(band.phase) === "CLEAR" && band.from)
    .map((band) => band.from!).sort((a, b) => dayPlace(a) - dayPlace(b))[0];
  const table: TableTwin = {
    caption: `${title}, by month`, head: ["Month", "Value", "Signal"],
    rows: chart.points.filter((point) => point.month).map((point) => [isoMonth(point.month!),
      point.completeness === Completeness_Code.MISSING || point.value === undefined ? "no data" : point.value,
      point.rules.map(ruleName).join("; ")]),
  };
  const limited = chart.mean !== undefined && chart.upper !== undefined;
  const lower = chart.lower !== undefined && chart.lower > 0 ? chart.lower : undefined;
  return (
    <Figure title={title} file={`${measure}.csv`} table={table} renewing={renewing}
      finding={seriesFinding(points, { ...chart, undefined: chart.undefined?.reason } as never, locked !== undefined, window, clear)}
      legend={legend(points, board, limited, lower !== undefined, baseline, window)}
      notes={[expectationSentence(definition?.expected ?? [])].filter(Boolean)}
      method={`Of the site's areas together. Limits by ${chart.method}; patterns by the rules ${chart.ruleSet}.`}>
      {(id, width) => (
        <ControlChart points={points} describedBy={id} width={width}
          bands={[...frozenBand(limited ? window : undefined, baseline), ...phaseBands(board)]}
          axis={unitInWords(definition?.unit ?? 0)}
          {...(chart.mean !== undefined ? { mean: chart.mean } : {})} {...(lower !== undefined ? { lower } : {})}
          {...(chart.upper !== undefined ? { upper: chart.upper } : {})}
          breaks={board.breaks.filter((mark) => mark.from).map((mark) => ({ at: dayPlace(mark.from!), text: mark.text }))} />
      )}
    </Figure>
  );
}

function phaseBands(board: SiteBoard): Band[] {
  const now = todayPlace();
  return (board.site?.phases ?? []).map((band) => ({
    kind: phaseCode(band.phase), afterwards: band.recordedAfterwards,
    label: `${phaseName(band.phase)}${zoneSuffix(band.zone)}${band.recordedAfterwards ? " (recorded afterwards)" : ""}`,
    from: band.from ? dayPlace(band.from) : now, to: band.to ? dayPlace(band.to) : now,
  }));
}

const frozenBand = (window: Window | undefined, baseline: BoardBaseline | undefined): Band[] =>
  window ? [{ kind: "BASELINE", from: window.from, to: window.to + 1, afterwards: baseline?.retrospective ?? false,
    label: !baseline ? "Limits from these months" : baseline.retrospective ? "Baseline (retrospective)" : "Baseline" }] : [];

function legend(points: SeriesPoint[], board: SiteBoard, limited: boolean, lower: boolean, baseline: BoardBaseline | undefined,
  window: Window | undefined): LegendEntry[] {
  const out: LegendEntry[] = [];
  if (limited && window) {
    const months = `${monthNameOf(window.from)} to ${monthNameOf(window.to)}`;
    out.push({ mark: <line class="mean" x1="0" x2="28" y1="8" y2="8" />,
      text: `Average of ${baseline ? "the baseline" : "the first twelve months with data"}, ${months}` });
    out.push({ mark: <line class="limit" x1="0" x2="28" y1="8" y2="8" />,
      text: lower ? "Limits of what chance explains, from the same months" : "Upper limit of what chance explains, from the same months" });
  }
  if (points.some((point) => point.rules.length > 0)) {
    out.push({ mark: <circle class="signal" cx="14" cy="8" r="5" />, text: "Ring: signal, part of a pattern that chance does not explain" });
  }
  if (points.some((point) => point.value === undefined)) {
    out.push({ mark: <g><rect class="missing" x="6" y="0.5" width="16" height="15" /><path class="hatch" d="M6 15L21 0M6 8L14 0M14 15L22 7" /></g>,
      text: "Hatched: no data, which is not zero" });
  }
  for (const mark of board.breaks) {
    if (mark.from) out.push({ mark: <line class="break" x1="14" x2="14" y1="0" y2="16" />, text: `Break, ${dayName(mark.from)}: ${mark.text}` });
  }
  return out;
}
