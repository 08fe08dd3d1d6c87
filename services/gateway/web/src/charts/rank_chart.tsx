// The rank of areas by half-year, each with its 90 % interval. First place, the most severe, is at the top.
import type { JSX } from "preact";
import { Marker } from "./marker";
import { linear, path, runs, spread } from "./scale";

export interface RankPoint {
  period: string;
  rank?: number; // absent: no rank
  lower: number;
  upper: number;
}

export interface RankSeries {
  name: string;
  points: RankPoint[]; // one for each period, in order
}

const PLOT = 260;
const TOP = 34;
const BOTTOM = 30;
const LEFT = 34;

export function RankChart(props: { series: RankSeries[]; areas: number; describedBy: string; width: number }): JSX.Element {
  const { series, width } = props;
  const periods = series[0]?.points.map((point) => point.period) ?? [];
  const wide = width >= 600;
  const right = width - (wide ? 150 : 8);
  const floor = TOP + PLOT;
  const x = linear(0, Math.max(1, periods.length), LEFT, right);
  const y = linear(1, Math.max(2, props.areas), TOP + 8, floor - 8, 6);
  const step = (right - LEFT) / Math.max(1, periods.length);
  const apart = Math.min(14, step / (series.length + 1));
  const middle = (i: number, s: number) => x(i + 0.5) + (s - (series.length - 1) / 2) * apart;
  const every = Math.ceil(60 / step);
  const ends = series.map((one) => one.points.map((point) => point.rank).filter((rank) => rank !== undefined).pop() ?? props.areas);
  const labels = spread(ends.map((rank) => y(rank)), 17, TOP, floor);
  const hatch = `${props.describedBy}-hatch`;
  return (
    <svg class="hf-chart" viewBox={`0 0 ${width} ${floor + BOTTOM}`} role="img" aria-labelledby={props.describedBy}>
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" x2="0" y1="0" y2="6" />
        </pattern>
      </defs>
      <text class="quiet" x={LEFT} y="14">{`Rank, 1 is the most severe of ${props.areas}`}</text>
      {[1, ...y.ticks.filter((tick) => tick > 1)].map((tick) => (
        <g>
          <line class="grid" x1={LEFT} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{tick}</text>
        </g>
      ))}
      <line class="axis" x1={LEFT} x2={right} y1={floor} y2={floor} />
      {periods.map((period, i) => (
        <g>
          {i % every === 0 && <text x={x(i + 0.5)} y={floor + 20} text-anchor="middle">{period}</text>}
          {series.every((one) => one.points[i]?.rank === undefined) && (
            <g>
              <rect class="missing" fill={`url(#${hatch})`} x={x(i)} y={TOP} width={step} height={PLOT} />
              <text class="upright" x={x(i + 0.5) + 4} y={TOP + 8} text-anchor="end"
                transform={`rotate(-90 ${x(i + 0.5) + 4} ${TOP + 8})`}>no rank</text>
            </g>
          )}
        </g>
      ))}
      {series.map((one, s) => (
        <g class={`hf-series-${s % 5}`}>
          {runs(one.points.map((point, i) => ({ ...point, i })), (point) => point.rank !== undefined).map((run) => (
            <path class="rank-line" d={path(run.map((point) => [middle(point.i, s), y(point.rank ?? 1)] as const))} />
          ))}
          {one.points.map((point, i) => point.rank !== undefined && (
            <g>
              <Interval x={middle(i, s)} from={y(point.lower)} to={y(point.upper)} />
              <Marker series={s} x={middle(i, s)} y={y(point.rank)}>
                <title>{`${one.name}, ${point.period}: rank ${point.rank}, 90 % interval ${point.lower} to ${point.upper}`}</title>
              </Marker>
            </g>
          ))}
          {wide && <text class="rank-label" x={right + 8} y={(labels[s] ?? 0) + 4}>{one.name}</text>}
        </g>
      ))}
    </svg>
  );
}

const Interval = ({ x, from, to }: { x: number; from: number; to: number }): JSX.Element => (
  <path class="interval" d={`M${x - 4} ${from}H${x + 4}M${x} ${from}V${to}M${x - 4} ${to}H${x + 4}`} />
);
