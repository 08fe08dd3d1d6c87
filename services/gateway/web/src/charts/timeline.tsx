// The phases of a site over the months they lasted, one lane each, its name above its bar.
import type { JSX } from "preact";
import { Years } from "./control_chart";
import { linear, textWidth } from "./scale";

export interface TimelineBar {
  phase: string;
  label: string;
  from: number;
  to: number;
  open: boolean;
  afterwards: boolean;
}

const LANE = 40;
const BOTTOM = 28;

export function Timeline(props: { bars: TimelineBar[]; from: number; to: number; describedBy: string; width: number }): JSX.Element {
  const { bars, width } = props;
  const left = 4;
  const right = width - 4;
  const x = linear(props.from, props.to, left, right);
  const floor = bars.length * LANE + 4;
  const years: number[] = [];
  for (let year = Math.ceil(props.from / 12); year * 12 < props.to; year++) years.push(year);
  return (
    <svg class="hf-chart" viewBox={`0 0 ${width} ${floor + BOTTOM}`} role="img" aria-labelledby={props.describedBy}>
      {years.map((year) => <line class="grid" x1={x(year * 12)} x2={x(year * 12)} y1="0" y2={floor} />)}
      <line class="axis" x1={left} x2={right} y1={floor} y2={floor} />
      <Years from={props.from} to={props.to} x={x} y={floor} />
      {bars.map((bar, i) => {
        const from = x(Math.max(bar.from, props.from));
        const to = Math.max(from + 3, x(Math.min(bar.to, props.to)));
        const top = i * LANE + 20;
        return (
          <g>
            <text class="halo" x={Math.max(left, Math.min(from, right - textWidth(bar.label)))} y={top - 5}>{bar.label}</text>
            <rect class={`bar bar-${bar.phase}${bar.afterwards ? " bar-afterwards" : ""}`} x={from} y={top} width={to - from} height="14" />
            {bar.open && <path class={`open-end bar-${bar.phase}`} d={`M${to} ${top - 3}L${Math.min(width, to + 8)} ${top + 7}L${to} ${top + 17}Z`} />}
          </g>
        );
      })}
    </svg>
  );
}
