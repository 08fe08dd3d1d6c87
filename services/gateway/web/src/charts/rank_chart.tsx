// The rank of areas by half-year, each with its 90 % interval. First place, the most severe, is at the top.
import type { JSX } from "preact";
import { linear, path, runs } from "./scale";

export interface RankPoint {
  period: string;
  rank?: number;
  lower: number;
  upper: number;
}

export interface RankSeries {
  name: string;
  points: RankPoint[]; // one for each period, in order
}

const WIDTH = 960;
const HEIGHT = 340;
const LEFT = 56;
const RIGHT = 150;
const TOP = 16;
const BOTTOM = 36;

export function RankChart(props: { series: RankSeries[]; areas: number; describedBy: string }): JSX.Element {
  const periods = props.series[0]?.points.map((point) => point.period) ?? [];
  const x = linear(0, Math.max(1, periods.length), LEFT, WIDTH - RIGHT);
  const y = linear(1, Math.max(2, props.areas), TOP + 10, HEIGHT - BOTTOM - 10, 6);
  const middle = (i: number, s: number) => x(i + 0.5) + (s - (props.series.length - 1) / 2) * 8;
  return (
    <svg class="hf-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={props.describedBy}>
      {[1, ...y.ticks.filter((tick) => tick > 1)].map((tick) => (
        <g>
          <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{tick}</text>
        </g>
      ))}
      {periods.map((period, i) => (
        <text x={x(i + 0.5)} y={HEIGHT - BOTTOM + 22} text-anchor="middle">{period}</text>
      ))}
      {props.series.map((series, s) => (
        <g class={`hf-series-${s % 5}`}>
          {runs(series.points.map((point, i) => ({ ...point, i })), (point) => point.rank !== undefined).map((run) => (
            <path class="rank-line" d={path(run.map((point) => [middle(point.i, s), y(point.rank ?? 1)] as const))} />
          ))}
          {series.points.map((point, i) => point.rank === undefined
            ? <text class="rank-label" x={middle(i, s)} y={HEIGHT - BOTTOM - 14} text-anchor="middle">no rank</text>
            : (
              <g>
                <line class="rank interval" x1={middle(i, s)} x2={middle(i, s)} y1={y(point.lower)} y2={y(point.upper)} />
                <circle class="rank" cx={middle(i, s)} cy={y(point.rank)} r="5">
                  <title>{`${series.name}, ${point.period}: rank ${point.rank}, 90 % interval ${point.lower} to ${point.upper}`}</title>
                </circle>
              </g>
            ))}
          <text class="rank-label" x={WIDTH - RIGHT + 8}
            y={y(lastRank(series) ?? 1) + 4 + overlap(props.series, s) * 16}>{series.name}</text>
        </g>
      ))}
    </svg>
  );
}

const lastRank = (series: RankSeries): number | undefined =>
  series.points.map((point) => point.rank).filter((rank) => rank !== undefined).pop();

/** How many labels before this one stand at the same height. */
const overlap = (all: RankSeries[], at: number): number =>
  all.slice(0, at).filter((other) => lastRank(other) === lastRank(all[at] as RankSeries)).length;
