// Every area of a set in one half-year, in order of rank, each with its 90 % interval. The site's own are filled and bold.
import type { JSX } from "preact";
import { linear } from "./scale";

export interface WardRow {
  name: string;
  rank: number;
  lower: number;
  upper: number;
  own: boolean;
}

const TOP = 38;

export function WardChart(props: { rows: WardRow[]; areas: number; describedBy: string; width: number }): JSX.Element {
  const { rows, width } = props;
  const wide = width >= 560;
  const lane = wide ? 22 : 38;
  const left = wide ? 190 : 12;
  const right = width - 14;
  const floor = TOP + rows.length * lane;
  const x = linear(1, Math.max(2, props.areas), left, right, wide ? 8 : 4);
  return (
    <svg class="hf-chart" viewBox={`0 0 ${width} ${floor + 6}`} role="img" aria-labelledby={props.describedBy}>
      <text class="quiet" x={wide ? left : 0} y="12">{`Rank, 1 is the most severe of ${props.areas}`}</text>
      {[1, ...x.ticks.filter((tick) => tick > 1)].map((tick) => (
        <g>
          <line class="grid" x1={x(tick)} x2={x(tick)} y1={TOP - 4} y2={floor} />
          <text x={x(tick)} y={TOP - 8} text-anchor="middle">{tick}</text>
        </g>
      ))}
      {rows.map((row, i) => {
        const middle = TOP + i * lane + (wide ? lane / 2 : 26);
        return (
          <g class={row.own ? "own" : "other"}>
            {wide ? <text x="0" y={middle + 4}>{row.name}</text> : <text x="0" y={middle - 11}>{row.name}</text>}
            <path class="interval" d={`M${x(row.lower)} ${middle - 4}V${middle + 4}M${x(row.lower)} ${middle}H${x(row.upper)}M${x(row.upper)} ${middle - 4}V${middle + 4}`} />
            <circle class="place" cx={x(row.rank)} cy={middle} r={row.own ? 5.5 : 4}>
              <title>{`${row.name}: rank ${row.rank}, 90 % interval ${row.lower} to ${row.upper}`}</title>
            </circle>
          </g>
        );
      })}
    </svg>
  );
}
