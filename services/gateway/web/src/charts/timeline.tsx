// The phases of a site, one lane for each zone and phase, over the months they lasted.
import type { JSX } from "preact";
import { linear } from "./scale";

export interface TimelineBar {
  phase: string;
  label: string;
  zone: string;
  from: number;
  to: number;
  afterwards: boolean;
}

const WIDTH = 960;
const LANE = 30;
const LEFT = 16;
const RIGHT = 16;
const BOTTOM = 30;

export function Timeline(props: { bars: TimelineBar[]; from: number; to: number; describedBy: string }): JSX.Element {
  const x = linear(props.from, props.to, LEFT, WIDTH - RIGHT);
  const height = props.bars.length * LANE + BOTTOM;
  const years: number[] = [];
  for (let year = Math.ceil(props.from / 12); year * 12 <= props.to; year++) years.push(year);
  return (
    <svg class="hf-chart" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby={props.describedBy}>
      {years.map((year) => (
        <g>
          <line class="grid" x1={x(year * 12)} x2={x(year * 12)} y1="0" y2={height - BOTTOM} />
          <text x={x(year * 12) + 3} y={height - 10}>{year}</text>
        </g>
      ))}
      {props.bars.map((bar, i) => {
        const left = x(Math.max(bar.from, props.from));
        const width = Math.max(3, x(Math.min(bar.to, props.to)) - left);
        const inside = width > 150;
        return (
          <g>
            <rect class={`bar-${bar.phase}${bar.afterwards ? " bar-afterwards" : ""}`} x={left} y={i * LANE + 4}
              width={width} height={LANE - 8} rx="2" />
            <text class={inside ? "label-on-bar" : undefined} x={inside ? left + 6 : Math.max(LEFT, left - 6)}
              text-anchor={inside ? "start" : left > WIDTH / 3 ? "end" : "start"} y={i * LANE + 20}>{bar.label}</text>
          </g>
        );
      })}
    </svg>
  );
}
