// What each figure of a board found, in sentences. Pure; every number in them came from the service.
import { dayName, dayPlace, halfYearInWords, monthNameOf, number, undefinedReason } from "../../words";
import type { Day } from "../../gen/holdfast/type/v1/type_pb";
import type { Undefined_Reason } from "../../gen/holdfast/metrics/v1/figure_pb";

export interface SeriesPoint {
  month: number;
  name: string;
  value?: number;
  rules: string[];
}

export interface Limits {
  mean?: number;
  lower?: number;
  upper?: number;
  undefined?: Undefined_Reason;
}

export interface Window {
  from: number;
  to: number; // both included, months since year 0
}

/** The months on which limits are frozen: the baseline, or else the first twelve with data, as the service does. */
export function frozenOn(points: readonly SeriesPoint[], baseline: Window | undefined): Window | undefined {
  if (baseline) return baseline;
  const first = points.filter((point) => point.value !== undefined).slice(0, 12);
  const [from, to] = [first[0], first[first.length - 1]];
  return from && to ? { from: from.month, to: to.month } : undefined;
}

/** "April 2016, and May to July 2016": neighbours as one. */
export function monthsInWords(months: readonly number[]): string {
  const out: [number, number][] = [];
  for (const month of months) {
    const last = out[out.length - 1];
    if (last && last[1] === month - 1) last[1] = month;
    else out.push([month, month]);
  }
  return out.map(([from, to]) => (from === to ? monthNameOf(from) : `${monthNameOf(from)} to ${monthNameOf(to)}`)).join(", ");
}

const months = (count: number): string => (count === 1 ? "1 month" : `${count} months`);

/** `clear`: the day on which the first Clear began. */
export function seriesFinding(points: readonly SeriesPoint[], limits: Limits, baselined: boolean, window: Window | undefined,
  clear: Day | undefined): string {
  const missing = points.filter((point) => point.value === undefined).map((point) => point.month);
  const gaps = missing.length > 0 ? `No data, which is not zero: ${monthsInWords(missing)}.` : "";
  const { mean, lower, upper } = limits;
  if (limits.undefined !== undefined || mean === undefined || upper === undefined) {
    return [`No limits are drawn${limits.undefined === undefined ? "" : `: ${undefinedReason(limits.undefined)}`}.`, gaps].filter(Boolean).join(" ");
  }
  const signals = points.filter((point) => point.rules.length > 0);
  const last = signals[signals.length - 1];
  const out = [
    `${number(mean)} a month on average ${baselined ? "in the baseline" : window ? `in the first twelve months with data (${monthNameOf(window.from)} to ${monthNameOf(window.to)})` : ""}; ` +
      (lower !== undefined && lower > 0 ? `chance alone keeps a month between ${number(lower)} and ${number(upper)}.` : `chance alone keeps a month below ${number(upper)}.`),
    !last ? "No month stands out from chance."
      : `${months(signals.length)} ${signals.length === 1 ? "stands" : "stand"} out from chance, the last in ${last.name}.`,
  ];
  if (clear && signals.length > 0) {
    // A month counts from the first that lies wholly after Clear began.
    const since = points.filter((point) => point.month >= dayPlace(clear) && point.value !== undefined);
    const after = since.filter((point) => point.rules.length > 0);
    const below = after.filter((point) => (point.value ?? 0) < mean).length;
    const sides = below === after.length ? "all below that average"
      : below === 0 ? "all above that average" : `${below} below that average and ${after.length - below} above`;
    if (since.length > 0) {
      out.push(`Since Clear began on ${dayName(clear)}, ${after.length === 0 ? "none" : after.length} of ${months(since.length)} with data ${after.length > 1 ? "stand" : "stands"} out${after.length > 0 ? `, ${after.length === 1 ? sides.replace("all ", "") : sides}` : ""}.`);
    }
  }
  if (signals.length > 0) out.push("A signal says that something changed, not why.");
  return [...out, gaps].filter(Boolean).join(" ");
}

export interface RankFact {
  name: string;
  rank?: number;
  lower: number;
  upper: number;
}

/** `latest`: the last half-year that could be ranked. */
export function rankFinding(latest: { period: string; areas: number; site: readonly RankFact[] } | undefined, gaps: readonly string[]): string {
  if (!latest) return gaps.length > 0 ? "No half-year can be ranked: in each a month has no data." : "No half-year can be ranked yet.";
  const said = latest.site.map((area) => area.rank === undefined ? `${area.name} has no rank`
    : `${area.name} ranked ${area.rank} of ${latest.areas} (90 % interval ${number(area.lower, 0)} to ${number(area.upper, 0)})`);
  return [
    `${halfYearInWords(latest.period)}: ${said.join("; ")}. 1 is the most severe. Where intervals overlap, the order between the areas is not certain.`,
    gaps.length > 0 ? `No rank, because a month has no data: ${gaps.map(halfYearInWords).join(", ")}.` : "",
  ].filter(Boolean).join(" ");
}
