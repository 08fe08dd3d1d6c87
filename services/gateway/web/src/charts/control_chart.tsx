// A measure by month with its natural limits (XmR), the phases as bands, the baseline, and the months without data.
import type { JSX } from "preact";
import { linear, path, runs } from "./scale";

export interface ChartPoint {
  month: number; // months since year 0
  name: string;
  value?: number;
  rules: string[];
}

export interface Band {
  phase: string; // CLEAR …
  label: string;
  from: number;
  to: number;
}

export interface ControlChartProps {
  points: ChartPoint[];
  mean?: number;
  lower?: number;
  upper?: number;
  bands: Band[];
  baseline?: { from: number; to: number };
  breaks: { at: number; text: string }[];
  describedBy: string;
}

const WIDTH = 960;
const HEIGHT = 340;
const LEFT = 56;
const RIGHT = 16;
const TOP = 48;
const BOTTOM = 40;

export function ControlChart(props: ControlChartProps): JSX.Element {
  const { points, bands } = props;
  const first = points[0]?.month ?? 0;
  const last = points[points.length - 1]?.month ?? 1;
  const top = Math.max(1, props.upper ?? 0, ...points.map((point) => point.value ?? 0)) * 1.08;
  const x = linear(first, last + 1, LEFT, WIDTH - RIGHT);
  const y = linear(0, top, HEIGHT - BOTTOM, TOP);
  const middle = (month: number) => x(month + 0.5);
  const clip = (place: number) => Math.min(Math.max(place, first), last + 1);
  const wide = (from: number, to: number) => Math.max(1, x(clip(to)) - x(clip(from)));
  const visible = bands.filter((band) => band.to > first && band.from < last + 1);
  return (
    <svg class="hf-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={props.describedBy}>
      {props.baseline && (
        <g>
          <rect class="baseline" x={x(clip(props.baseline.from))} y={TOP} height={HEIGHT - TOP - BOTTOM}
            width={wide(props.baseline.from, props.baseline.to)} />
          <text x={x(clip(props.baseline.from)) + 4} y={HEIGHT - BOTTOM - 6}>Baseline</text>
        </g>
      )}
      {visible.map((band, i) => (
        <g>
          <rect class={`band band-${band.phase}`} x={x(clip(band.from))} y={TOP} height={HEIGHT - TOP - BOTTOM}
            width={wide(band.from, band.to)} />
          <text x={x(clip(band.from)) + 3} y={14 + (i % 2) * 16}>{band.label}</text>
        </g>
      ))}
      {y.ticks.map((tick) => (
        <g>
          <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{tick.toLocaleString("en-GB")}</text>
        </g>
      ))}
      {points.filter((point) => point.month % 12 === 0 || point.month === first).map((point) => (
        <g>
          <line class="axis" x1={x(point.month)} x2={x(point.month)} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM + 6} />
          <text x={x(point.month) + 2} y={HEIGHT - BOTTOM + 20}>
            {point.month % 12 === 0 ? String(point.month / 12) : point.name}
          </text>
        </g>
      ))}
      <line class="axis" x1={LEFT} x2={WIDTH - RIGHT} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
      {points.filter((point) => point.value === undefined).map((point) => (
        <g>
          <rect class="missing" x={x(point.month)} y={TOP} height={HEIGHT - TOP - BOTTOM} width={wide(point.month, point.month + 1)} />
          <text x={middle(point.month)} y={HEIGHT - BOTTOM - 24} text-anchor="middle">no data</text>
        </g>
      ))}
      {props.mean !== undefined && <line class="mean" x1={LEFT} x2={WIDTH - RIGHT} y1={y(props.mean)} y2={y(props.mean)} />}
      {[props.lower, props.upper].map((limit) => limit !== undefined && (
        <line class="limit" x1={LEFT} x2={WIDTH - RIGHT} y1={y(Math.max(0, limit))} y2={y(Math.max(0, limit))} />
      ))}
      {props.breaks.map((mark) => (
        <g>
          <line class="break" x1={x(clip(mark.at))} x2={x(clip(mark.at))} y1={TOP} y2={HEIGHT - BOTTOM} />
          <title>{mark.text}</title>
        </g>
      ))}
      {runs(points, (point) => point.value !== undefined).map((run) => (
        <path class="series" d={path(run.map((point) => [middle(point.month), y(point.value ?? 0)] as const))} />
      ))}
      {points.filter((point) => point.value !== undefined).map((point) => (
        <circle class={point.rules.length > 0 ? "signal" : "point"} cx={middle(point.month)} cy={y(point.value ?? 0)}
          r={point.rules.length > 0 ? 5 : 3}>
          <title>{`${point.name}: ${point.value}`}</title>
        </circle>
      ))}
    </svg>
  );
}
