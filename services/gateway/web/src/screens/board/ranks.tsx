// The severity rank of the site's areas by half-year, and of every area in one half-year.
import type { JSX } from "preact";
import { metrics } from "../../api";
import { Marker } from "../../charts/marker";
import { RankChart } from "../../charts/rank_chart";
import { WardChart } from "../../charts/ward_chart";
import type { SiteBoard } from "../../gen/holdfast/board/v1/board_pb";
import { SensitivityLine_Kind, type Figure as Value, type Value as FigureValue } from "../../gen/holdfast/metrics/v1/figure_pb";
import type { GetRanksResponse, PeriodRanks, RankRow } from "../../gen/holdfast/metrics/v1/queries_pb";
import { Figure } from "../../parts/figure";
import { Empty, Failed, Loading, useAnswer } from "../../parts/states";
import type { Cell, TableTwin } from "../../parts/table";
import { choose, place } from "../../router";
import { halfYear, halfYearInWords, rankCaveat, slugName, suppressedRule, undefinedReason } from "../../words";
import { rankFinding } from "./findings";

/** More areas than these are in the table, not in the chart. */
const DRAWN = 40;

const codeOf = (row: RankRow): string => row.area?.codes[0] ?? "";
const nameOf = (row: RankRow): string => row.area?.name || codeOf(row);

export function Ranks({ board }: { board: SiteBoard }): JSX.Element {
  const site = board.site;
  const areas = { kind: site?.set?.kind ?? "", vintage: site?.set?.vintage ?? "" };
  const codes = site?.codes ?? [];
  const [asked, retry] = useAnswer("ranks", () => metrics.getRanks({ measure: "severity", areas: { ...areas, codes } }));
  if (asked.state === "loading") {
    return <section><h2 class="govuk-heading-m">Severity rank by half-year</h2><Loading what="the ranks" tall /></section>;
  }
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} what="the ranks" />;
  const ranks = asked.value;
  const ranked = ranks.periods.filter((period) => !period.undefined).map((period) => period.period);
  const wanted = place.value.query.get("half") ?? "";
  const half = ranks.periods.some((period) => period.period === wanted) ? wanted : (ranked[ranked.length - 1] ?? "");
  return (
    <div>
      {ranks.periods.length === 0
        ? <section><h2 class="govuk-heading-m">Severity rank by half-year</h2><Empty><p>No half-year has data yet.</p></Empty></section>
        : <SiteRanks ranks={ranks} codes={codes} />}
      {half && (
        <EveryArea areas={areas} codes={codes} half={half} halves={ranks.periods.map((period) => period.period)} said={notesOf(ranks.periods)} />
      )}
    </div>
  );
}

function notesOf(periods: PeriodRanks[]): string[] {
  return [...new Set(periods.flatMap((period) => period.caveats))].map(rankCaveat);
}

function SiteRanks({ ranks, codes }: { ranks: GetRanksResponse; codes: string[] }): JSX.Element {
  const latest = ranks.periods.filter((period) => !period.undefined).pop();
  const names = new Map(ranks.periods.flatMap((period) => period.rows.map((row) => [codeOf(row), nameOf(row)] as const)));
  const series = codes.slice(0, 5).map((code) => ({
    name: names.get(code) ?? code,
    points: ranks.periods.map((period) => {
      const row = period.rows.find((one) => codeOf(one) === code);
      return row ? { period: halfYear(period.period), rank: row.observedRank, lower: row.rankLower, upper: row.rankUpper }
        : { period: halfYear(period.period), lower: 0, upper: 0 };
    }),
  }));
  const table: TableTwin = {
    caption: "Severity rank by half-year (1 is the most severe)",
    head: ["Half-year", "Area", "Rank", "90 % interval, from", "to", "Of areas", "Chance of top three, %"], digits: 0,
    rows: ranks.periods.flatMap((period): Cell[][] => period.undefined
      ? [[period.period, "all", `no rank: ${undefinedReason(period.undefined.reason)}`, "", "", period.areas, ""]]
      : period.rows.map((row) => [period.period, nameOf(row), row.observedRank, row.rankLower, row.rankUpper, period.areas, row.probabilityTopThree * 100])),
  };
  const gaps = ranks.periods.filter((period) => period.undefined).map((period) => period.period);
  return (
    <Figure title="Severity rank by half-year" file="severity-rank.csv" table={table}
      finding={rankFinding(latest && { period: latest.period, areas: latest.areas,
        site: series.map((one) => ({ name: one.name, ...(one.points[ranks.periods.indexOf(latest)] ?? { lower: 0, upper: 0 }) })) }, gaps)}
      legend={[...series.map((one, s) => ({ mark: <g class={`hf-series-${s}`}><Marker series={s} x={14} y={8} /></g>, text: one.name })),
        { mark: <path class="interval quiet" d="M10 1H18M14 1V15M10 15H18" />, text: "Upright line: the rank's 90 % interval" }]}
      notes={[...(codes.length > 5 ? [`The chart shows the first 5 of the site's ${codes.length} areas; the table shows all.`] : []), ...notesOf(ranks.periods)]}
      method={latest ? `Method ${latest.provenance?.method ?? ""}, ${latest.exposure}, weights ${latest.provenance?.weightSet || "none"}.` : ""}>
      {(id, width) => <RankChart series={series} areas={Math.max(1, ...ranks.periods.map((period) => period.areas))} describedBy={id} width={width} />}
    </Figure>
  );
}

/** `said`: the caveats that stand beside the figure above already. */
function EveryArea({ areas, codes, half, halves, said }: {
  areas: { kind: string; vintage: string }; codes: string[]; half: string; halves: string[]; said: string[];
}): JSX.Element {
  const [asked, retry] = useAnswer(half, async () =>
    (await metrics.getRanks({ measure: "severity", areas, periods: [half] })).periods[0]);
  const kind = slugName(areas.kind || "area").toLowerCase();
  const title = (period: string) => `Every ${kind} in ${halfYearInWords(period)}`;
  const controls = (
    <div class="govuk-form-group hf-controls">
      <label class="govuk-label" for="half">Half-year</label>
      <select class="govuk-select" id="half" value={half} onChange={(event) => choose("half", event.currentTarget.value)}>
        {halves.map((one) => <option value={one} selected={one === half}>{halfYearInWords(one)}</option>)}
      </select>
    </div>
  );
  const still = <h2 class="govuk-heading-m">{title(half)}</h2>;
  if (asked.state === "loading") return <section>{still}{controls}<Loading what="the ranks of every area" tall /></section>;
  if (asked.state === "failed") return <section>{still}{controls}<Failed error={asked.error} retry={retry} what="the ranks of every area" /></section>;
  const ranks = asked.value;
  if (!ranks || ranks.undefined) {
    return (
      <section>
        {still}
        {controls}
        <Empty><p>{`This half-year has no rank: ${ranks?.undefined ? undefinedReason(ranks.undefined.reason) : "nothing was recorded"}.`}</p></Empty>
      </section>
    );
  }
  const rows = ranks.rows.map((row) => ({
    name: nameOf(row), rank: row.observedRank, lower: row.rankLower, upper: row.rankUpper, own: codes.includes(codeOf(row)) }));
  const drawn = rows.filter((row, i) => i < DRAWN || row.own);
  const top = ranks.rows.filter((row) => row.probabilityTopThree >= 0.9).map(nameOf);
  const table: TableTwin = {
    caption: `Severity rank, ${halfYearInWords(ranks.period)} (1 is the most severe)`, digits: 1,
    head: ["Area", "Rank", "90 % interval, from", "to", "Chance of top three, %", `Severity (${unitOf(ranks.rows[0]?.figure)})`, "95 % interval, from", "to", "Weights capped at 3,000", "Heavier offences left out"],
    rows: ranks.rows.map((row) => [nameOf(row) + (codes.includes(codeOf(row)) ? " (this site)" : ""), row.observedRank, row.rankLower, row.rankUpper,
      row.probabilityTopThree * 100, ...severityOf(row.figure)]),
  };
  return (
    <Figure title={title(ranks.period)} file={`severity-rank-${ranks.period}.csv`} table={table} controls={controls} renewing={asked.renewing}
      finding={top.length > 0 ? `Among the three most severe with a chance of at least 90 %: ${top.join(", ")}.` : "No area is among the three most severe with a chance of at least 90 %."}
      legend={[{ mark: <g class="own"><circle class="place" cx="14" cy="8" r="5.5" /></g>, text: "Filled, bold: an area of this site" },
        { mark: <g class="other"><circle class="place" cx="14" cy="8" r="4" /></g>, text: "Another area" },
        { mark: <path class="interval quiet" d="M2 4V12M2 8H26M26 4V12" />, text: "Line: the rank's 90 % interval" }]}
      notes={[...(drawn.length < rows.length ? [`The chart shows the ${DRAWN} most severe of ${rows.length} areas and the site's own; the table shows all.`] : []), ...notesOf([ranks]).filter((note) => !said.includes(note)), "The caveats of the ranks above hold here too."]}
      method={`Method ${ranks.provenance?.method ?? ""}, ${ranks.exposure}.`}>
      {(id, width) => <WardChart rows={drawn} areas={ranks.areas} describedBy={id} width={width} />}
    </Figure>
  );
}

const unitOf = (figure: Value | undefined): string => (figure?.outcome.case === "value" ? figure.outcome.value.unit : "weighted crimes");

function severityOf(figure: Value | undefined): Cell[] {
  switch (figure?.outcome.case) {
    case "value": {
      const value = figure.outcome.value;
      return [value.estimate, value.lower ?? "", value.upper ?? "no upper end",
        sensitivityOf(value, SensitivityLine_Kind.WEIGHTS_CAPPED), sensitivityOf(value, SensitivityLine_Kind.HEAVIEST_LEFT_OUT)];
    }
    case "suppressed": return [suppressedRule(figure.outcome.value.rule), "", "", "", ""];
    case "undefined": return [`not defined: ${undefinedReason(figure.outcome.value.reason)}`, "", "", "", ""];
    default: return ["", "", "", "", ""];
  }
}

// The severity by other weights; empty where it was not asked.
function sensitivityOf(value: FigureValue, kind: SensitivityLine_Kind): Cell {
  const line = value.sensitivity.find((one) => one.kind === kind);
  switch (line?.outcome.case) {
    case "estimate": return line.outcome.value;
    case "undefined": return `not defined: ${undefinedReason(line.outcome.value.reason)}`;
    default: return "";
  }
}
