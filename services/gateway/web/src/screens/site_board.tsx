// One site: phases, a measure by month against its limits, the rank of its areas, the baseline, and the gaps in the data.
import type { JSX } from "preact";
import { boards, metrics } from "../api";
import { ControlChart, type Band } from "../charts/control_chart";
import { RankChart } from "../charts/rank_chart";
import { Timeline } from "../charts/timeline";
import type { SiteBoard as Board } from "../gen/holdfast/board/v1/board_pb";
import type { BoardBaseline } from "../gen/holdfast/board/v1/rows_pb";
import type { GetControlChartResponse, GetRanksResponse, ListMeasuresResponse } from "../gen/holdfast/metrics/v1/metrics_pb";
import { Completeness_Code, Gate_Outcome } from "../gen/holdfast/metrics/v1/words_pb";
import { Figure, Table, type TableTwin } from "../parts/figure";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { go, place } from "../router";
import { caveatSentence, dayName, dayPlace, gateName, hex, isoMonth, monthName, monthNumber, number, phaseCode, phaseName,
  ruleName, undefinedReason } from "../words";

const nowPlace = (): number => {
  const now = new Date();
  return now.getUTCFullYear() * 12 + now.getUTCMonth() + now.getUTCDate() / 31;
};

export function SiteBoard({ siteId }: { siteId: string }): JSX.Element {
  const [asked, retry] = useAnswer(siteId, () => boards.getSiteBoard({ siteId }));
  if (asked.state === "loading") return <Loading what="the board" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} />;
  return <Loaded siteId={siteId} board={asked.value} />;
}

function Loaded({ siteId, board }: { siteId: string; board: Board }): JSX.Element {
  const site = board.site;
  const current = board.baselines.filter((baseline) => !baseline.superseded).pop();
  const measure = place.value.query.get("measure") ?? "crime";
  const overridden = site?.overrides.filter((override) => !override.ended) ?? [];
  return (
    <div>
      <h1 class="govuk-heading-l">{site?.brand || site?.name}</h1>
      {overridden.map((override) => (
        <div class="govuk-warning-text">
          <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
          <strong class="govuk-warning-text__text">
            {`The gate of ${phaseName(override.phase)} was overridden${override.until ? ` until ${dayName(override.until)}` : ""}: ${override.rationale}`}
          </strong>
        </div>
      ))}
      {current?.retrospective && (
        <div class="govuk-inset-text">The baseline was built after Clear began. Compare with care: it is retrospective for good.</div>
      )}
      <Phases board={board} />
      <Series siteId={siteId} board={board} baseline={current} measure={measure} />
      <Ranks board={board} />
      <Baseline board={board} current={current} />
      <DataQuality board={board} />
      <AsOf board={board} />
    </div>
  );
}

function Phases({ board }: { board: Board }): JSX.Element {
  const phases = board.site?.phases ?? [];
  if (phases.length === 0) {
    return <Empty><p>No phase has been opened. Ask what the gate of Clear wants: <code>bin/holdfast gate show SITE CLEAR</code></p></Empty>;
  }
  const now = nowPlace();
  const bars = phases.map((band) => ({
    phase: phaseCode(band.phase), zone: band.zone, afterwards: band.recordedAfterwards,
    label: `${phaseName(band.phase)}${band.zone && band.zone !== "site" ? `, ${band.zone}` : ""}${band.recordedAfterwards ? " (recorded afterwards)" : ""}`,
    from: band.from ? dayPlace(band.from) : now, to: band.to ? dayPlace(band.to) : now,
  }));
  const open = phases.filter((band) => !band.to).map((band) => phaseName(band.phase));
  const table: TableTwin = {
    caption: "Phases", head: ["Phase", "Zone", "From", "To", "Lead", "Note"],
    rows: phases.map((band) => [phaseName(band.phase), band.zone, band.from ? dayName(band.from) : "",
      band.to ? dayName(band.to) : "still open", band.leadAgency || "not named",
      [band.recordedAfterwards ? `recorded afterwards: ${band.source}` : "", band.override ? "gate overridden" : "",
        band.withoutBaseline ? "opened without a baseline" : ""].filter(Boolean).join("; ")]),
  };
  return (
    <Figure title="Phases" file="phases.csv" table={table}
      finding={open.length > 0 ? `Open now: ${open.join(", ")}.` : "No phase is open now."}>
      {(id) => <Timeline bars={bars} from={Math.min(...bars.map((bar) => bar.from)) - 2} to={Math.max(...bars.map((bar) => bar.to)) + 1} describedBy={id} />}
    </Figure>
  );
}

function Series({ siteId, board, baseline, measure }:
  { siteId: string; board: Board; baseline: BoardBaseline | undefined; measure: string }): JSX.Element {
  const areas = { kind: board.site?.set?.kind ?? "ward", vintage: board.site?.set?.vintage ?? "", codes: board.site?.codes ?? [] };
  const [asked, retry] = useAnswer(`${siteId} ${measure}`, async () => {
    const [chart, measures] = await Promise.all([
      metrics.getControlChart({ measure, areas, siteId, ...(baseline ? { freezeFrom: baseline.from, freezeTo: baseline.to } : {}) }),
      metrics.listMeasures({}),
    ]);
    return { chart, measures };
  });
  if (asked.state === "loading") return <Loading what="the series" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} />;
  return <SeriesFigure siteId={siteId} board={board} baseline={baseline} measure={measure} {...asked.value} />;
}

function SeriesFigure({ siteId, board, baseline, measure, chart, measures }: {
  siteId: string; board: Board; baseline: BoardBaseline | undefined; measure: string;
  chart: GetControlChartResponse; measures: ListMeasuresResponse;
}): JSX.Element {
  const title = measures.measures.find((one) => one.measureId === measure)?.definition?.plainTitle ?? measure;
  const points = chart.points.filter((point) => point.month).map((point) => ({
    month: monthNumber(point.month!), name: monthName(point.month!), rules: point.rules,
    ...(point.completeness !== Completeness_Code.MISSING && point.value !== undefined ? { value: point.value } : {}),
  }));
  const now = nowPlace();
  const bands: Band[] = (board.site?.phases ?? []).map((band) => ({
    phase: phaseCode(band.phase), label: phaseName(band.phase) + (band.recordedAfterwards ? " (recorded afterwards)" : ""),
    from: band.from ? dayPlace(band.from) : now, to: band.to ? dayPlace(band.to) : now,
  }));
  const missing = points.filter((point) => point.value === undefined);
  const signals = points.filter((point) => point.rules.length > 0);
  const finding = chart.undefined ? `No limits are drawn: ${undefinedReason(chart.undefined.reason)}.`
    : [`Mean ${number(chart.mean ?? 0)} a month${baseline ? " in the baseline" : ""}, limits ${number(Math.max(0, chart.lower ?? 0))} to ${number(chart.upper ?? 0)}.`,
      signals.length === 0 ? "No month is beyond what chance explains."
        : `${signals.length} ${signals.length === 1 ? "month is" : "months are"} part of a pattern that chance does not explain, the last in ${signals[signals.length - 1]?.name}. A signal says that something changed, not why.`,
      missing.length > 0 ? `No data, which is not zero: ${missing.map((point) => point.name).join(", ")}.` : ""].filter(Boolean).join(" ");
  const table: TableTwin = {
    caption: `${title}, by month`, head: ["Month", "Value", "Signal"],
    rows: chart.points.filter((point) => point.month).map((point) => [isoMonth(point.month!),
      point.completeness === Completeness_Code.MISSING || point.value === undefined ? "no data" : number(point.value, 3),
      point.rules.map(ruleName).join("; ")]),
  };
  return (
    <div>
      <div class="govuk-form-group hf-controls">
        <label class="govuk-label" for="measure">Measure</label>
        <select class="govuk-select" id="measure" value={measure}
          onChange={(event) => go(`/site/${encodeURIComponent(siteId)}?measure=${encodeURIComponent(event.currentTarget.value)}`)}>
          {measures.measures.map((one) => <option value={one.measureId} selected={one.measureId === measure}>{one.definition?.title ?? one.measureId}</option>)}
        </select>
      </div>
      <Figure title={title} file={`${measure}.csv`} finding={finding} table={table}
        method={`Method ${chart.method}, rules ${chart.ruleSet}. Figures are recorded crime of the site's areas together.`}>
        {(id) => (
          <ControlChart points={points} bands={bands} describedBy={id}
            {...(chart.mean !== undefined ? { mean: chart.mean } : {})} {...(chart.lower !== undefined ? { lower: chart.lower } : {})}
            {...(chart.upper !== undefined ? { upper: chart.upper } : {})}
            {...(baseline?.from && baseline.to ? { baseline: { from: monthNumber(baseline.from), to: monthNumber(baseline.to) + 1 } } : {})}
            breaks={board.breaks.filter((mark) => mark.from).map((mark) => ({ at: dayPlace(mark.from!), text: mark.text }))} />
        )}
      </Figure>
    </div>
  );
}

function Ranks({ board }: { board: Board }): JSX.Element {
  const set = board.site?.set;
  const [asked, retry] = useAnswer(`ranks ${set?.kind} ${set?.vintage}`, () =>
    metrics.getRanks({ measure: "severity", areas: { kind: set?.kind ?? "ward", vintage: set?.vintage ?? "" } }));
  if (asked.state === "loading") return <Loading what="the ranks" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} />;
  return <RankFigures ranks={asked.value} codes={board.site?.codes ?? []} />;
}

function RankFigures({ ranks, codes }: { ranks: GetRanksResponse; codes: string[] }): JSX.Element {
  const ranked = ranks.periods.filter((period) => !period.undefined);
  const areas = Math.max(1, ...ranks.periods.map((period) => period.areas));
  const latest = ranked[ranked.length - 1];
  const series = codes.slice(0, 5).map((code) => ({
    name: latest?.rows.find((row) => row.area?.codes[0] === code)?.area?.name || code,
    points: ranks.periods.map((period) => {
      const row = period.rows.find((one) => one.area?.codes[0] === code);
      return row ? { period: period.period, rank: row.observedRank, lower: row.rankLower, upper: row.rankUpper }
        : { period: period.period, lower: 0, upper: 0 };
    }),
  }));
  const table: TableTwin = {
    caption: "Severity rank by half-year (1 is the most severe)",
    head: ["Half-year", "Area", "Rank", "90 % interval", "Chance of top three", "Areas"],
    rows: ranks.periods.flatMap((period) => period.undefined
      ? [[period.period, "all", `no rank: ${undefinedReason(period.undefined.reason)}`, "", "", String(period.areas)]]
      : period.rows.map((row) => [period.period, row.area?.name || (row.area?.codes[0] ?? ""), String(row.observedRank),
        `${number(row.rankLower, 0)} to ${number(row.rankUpper, 0)}`, `${number(row.probabilityTopThree * 100, 0)} %`, String(period.areas)])),
  };
  const gaps = ranks.periods.filter((period) => period.undefined).map((period) => period.period);
  const caveats = [...new Set(ranks.periods.flatMap((period) => period.caveats))].map(caveatSentence);
  const finding = latest
    ? `${series.map((one) => {
      const point = one.points[ranks.periods.indexOf(latest)];
      return point?.rank === undefined ? `${one.name} has no rank` : `${one.name} ranked ${point.rank} of ${latest.areas} (90 % interval ${number(point.lower, 0)} to ${number(point.upper, 0)})`;
    }).join("; ")} in ${latest.period}.${gaps.length > 0 ? ` No rank, because a month has no data: ${gaps.join(", ")}.` : ""}`
    : "No half-year can be ranked yet.";
  return (
    <Figure title="Severity rank by half-year" file="severity-rank.csv" table={table} finding={finding}
      method={[latest?.exposure ? `Exposure: ${latest.exposure}.` : "", ...caveats].filter(Boolean).join(" ")}>
      {(id) => <RankChart series={series} areas={areas} describedBy={id} />}
    </Figure>
  );
}

function Baseline({ board, current }: { board: Board; current: BoardBaseline | undefined }): JSX.Element {
  if (!current) {
    return (
      <section>
        <h2 class="govuk-heading-m">Baseline</h2>
        <Empty><p>No baseline is locked. Without one Clear does not open: <code>bin/holdfast baseline lock SITE</code></p></Empty>
      </section>
    );
  }
  const table: TableTwin = {
    caption: "What was locked", head: ["Measure", "Mean a month", "95 % interval", "Smallest fall it can show"],
    rows: current.values.map((figure, i) => {
      const fall = current.detectableFallPercent[i] ?? 0;
      const value = figure.outcome.case === "value" ? figure.outcome.value : undefined;
      return [figure.measure?.measureId ?? "", value ? number(value.estimate, 2) : "not defined",
        value?.lower !== undefined && value.upper !== undefined ? `${number(value.lower, 2)} to ${number(value.upper, 2)}` : "",
        fall > 0 ? `${number(fall, 0)} %` : "none"];
    }),
  };
  return (
    <section>
      <h2 class="govuk-heading-m">Baseline</h2>
      <p class="govuk-body">
        {`Locked on ${current.lockedOn ? dayName(current.lockedOn) : "an unknown day"}: ${current.from ? monthName(current.from) : ""} to ${current.to ? monthName(current.to) : ""}. `}
        {current.retrospective ? "Retrospective. " : "Before Clear. "}
        {`Data digest ${hex(current.digest).slice(0, 16)}….`}
      </p>
      {current.waived.map((waiver) => (
        <p class="govuk-body"><strong>Waived:</strong>{` ${gateName(waiver.gate)} — ${waiver.reason}`}</p>
      ))}
      {current.caveats.map((caveat) => <p class="govuk-body">{caveatSentence(caveat)}</p>)}
      <div class="hf-scroll" tabIndex={0} role="region" aria-label="What was locked"><Table table={table} /></div>
      <details class="govuk-details">
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">The ten conditions of a baseline</span></summary>
        <div class="govuk-details__text">
          <ul class="govuk-list govuk-list--bullet">
            {current.gates.map((gate) => <li>{`${gateName(gate.gate)}: ${gate.outcome === Gate_Outcome.PASSED ? "met" : gate.outcome === Gate_Outcome.WAIVED ? "waived" : "not met"}. ${gate.finding}`}</li>)}
          </ul>
        </div>
      </details>
      {board.baselines.some((baseline) => baseline.superseded) && (
        <p class="govuk-body">{board.baselines.filter((baseline) => baseline.superseded).map((baseline) => `Baseline ${baseline.number} was superseded: ${baseline.supersededReason}.`).join(" ")}</p>
      )}
    </section>
  );
}

function DataQuality({ board }: { board: Board }): JSX.Element {
  const rows = board.datasets.map((dataset) => {
    const present = dataset.months.filter((month) => month.current > 0 && month.month);
    const numbers = present.map((month) => monthNumber(month.month!));
    const gaps: string[] = [];
    for (let at = Math.min(...numbers); at <= Math.max(...numbers); at++) {
      if (!numbers.includes(at)) gaps.push(isoMonth({ year: Math.floor(at / 12), month: (at % 12) + 1 } as never));
    }
    const counted = present.map((month) => month.revisions.find((revision) => revision.revision === month.current));
    const sum = (pick: (revision: NonNullable<(typeof counted)[number]>) => bigint) =>
      counted.reduce((total, revision) => total + (revision ? pick(revision) : 0n), 0n).toLocaleString("en-GB");
    return [dataset.title || dataset.datasetId, String(present.length), gaps.join(", ") || "none", sum((one) => one.rows),
      sum((one) => one.rejected), sum((one) => one.withPoint)];
  });
  return (
    <section>
      <h2 class="govuk-heading-m">Data behind this page</h2>
      {rows.length === 0
        ? <Empty><p>No police data is loaded: <code>bin/holdfast import police-uk FILE</code></p></Empty>
        : <div class="hf-scroll" tabIndex={0} role="region" aria-label="Data behind this page">
            <Table table={{ caption: "Datasets that decide whether a month is there", rows,
              head: ["Dataset", "Months", "Months without data", "Rows", "Rejected", "With a point"] }} />
          </div>}
    </section>
  );
}

function AsOf({ board }: { board: Board }): JSX.Element {
  const said = (board.asOf?.contexts ?? []).map((context) => {
    const lag = context.lagS > 60 ? `${Math.round(context.lagS / 60)} minutes behind` : "up to date";
    return `${context.position?.context} at ${context.position?.seq}, ${lag}`;
  });
  return <p class="govuk-body-s hf-quiet">{`As of ${said.join("; ") || "the start"}.`}</p>;
}
