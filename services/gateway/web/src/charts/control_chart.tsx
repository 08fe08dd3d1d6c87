// A measure by month with its natural limits (XmR). Above the plot stands what explains it: the months of the baseline
// and the phases, each as a labelled bar over its own tint. A month without data is hatched, never zero.
import type { JSX } from "preact";
import { linear, path, placeLabels, runs, spread } from "./scale";

export interface ChartPoint {
  month: number; // months since year 0
  name: string;
  value?: number; // absent: no data
  rules: string[]; // the rules that fired, in words
}

export interface Band {
  kind: string; // BASELINE, CLEAR …
  label: string;
  from: number;
  to: number;
  afterwards: boolean;
}

export interface ControlChartProps {
  points: ChartPoint[];
  mean?: number;
  lower?: number; // absent where it is not above zero
  upper?: number;
  bands: Band[];
  breaks: { at: number; text: string }[];
  axis: string;
  describedBy: string;
  width: number;
}

const LANE = 22;
const PLOT = 270;
const BOTTOM = 30;
const LEFT = 44;

export function ControlChart(props: ControlChartProps): JSX.Element {
  const { points, width } = props;
  const wide = width >= 700;
  const right = width - (wide ? 112 : 8);
  const first = points[0]?.month ?? 0;
  const last = (points[points.length - 1]?.month ?? 0) + 1;
  const x = linear(first, last, LEFT, right);
  const clip = (place: number) => Math.min(Math.max(place, first), last);
  const bands = props.bands.filter((band) => band.to > first && band.from < last)
    .map((band) => ({ ...band, from: x(clip(band.from)), to: x(clip(band.to)) }));
  const places = placeLabels(bands, LEFT, right);
  const top = (Math.max(-1, ...places.map((place) => place.lane)) + 1) * LANE + 24;
  const floor = top + PLOT;
  const y = linear(0, Math.max(1, props.upper ?? 0, ...points.map((point) => point.value ?? 0)) * 1.06, floor, top);
  const middle = (month: number) => x(month + 0.5);
  const limits = ([["upper limit", props.upper], ["mean", props.mean], ["lower limit", props.lower]] as const)
    .flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const labels = spread(limits.map((limit) => y(limit.value)), 15, top, floor);
  const hatch = `${props.describedBy}-hatch`;
  return (
    <svg class="hf-chart" viewBox={`0 0 ${width} ${floor + BOTTOM}`} role="img" aria-labelledby={props.describedBy}>
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" x2="0" y1="0" y2="6" />
        </pattern>
      </defs>
      {bands.map((band) => (
        <g>
          <rect class={`tint tint-${band.kind}`} x={band.from} y={top} height={PLOT} width={Math.max(1, band.to - band.from)} />
          <line class={`edge edge-${band.kind}`} x1={band.from} x2={band.from} y1={top} y2={floor} />
        </g>
      ))}
      {bands.map((band, i) => (
        <g>
          <text x={places[i]?.x} y={(places[i]?.lane ?? 0) * LANE + 12}>{band.label}</text>
          <rect class={`bar bar-${band.kind}${band.afterwards ? " bar-afterwards" : ""}`} x={band.from}
            y={(places[i]?.lane ?? 0) * LANE + 16} height="4" width={Math.max(2, band.to - band.from)} />
        </g>
      ))}
      <text x={LEFT} y={top - 7} class="quiet">{props.axis}</text>
      {y.ticks.map((tick) => (
        <g>
          <line class="grid" x1={LEFT} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{tick.toLocaleString("en-GB")}</text>
        </g>
      ))}
      <Years from={first} to={last} x={x} y={floor} />
      <line class="axis" x1={LEFT} x2={right} y1={floor} y2={floor} />
      {runs(points, (point) => point.value === undefined).map((gap) => {
        const from = x(gap[0]?.month ?? first);
        const to = x((gap[gap.length - 1]?.month ?? first) + 1);
        const at = (from + to) / 2 + 4;
        return (
          <g>
            <rect class="missing" fill={`url(#${hatch})`} x={from} y={top} height={PLOT} width={to - from} />
            <text class="upright" x={at} y={top + 8} text-anchor="end" transform={`rotate(-90 ${at} ${top + 8})`}>no data</text>
          </g>
        );
      })}
      {limits.map((limit, i) => (
        <g>
          <line class={limit.name === "mean" ? "mean" : "limit"} x1={LEFT} x2={right} y1={y(limit.value)} y2={y(limit.value)} />
          {wide && (
            <text x={right + 6} y={(labels[i] ?? 0) + 4}>
              {`${limit.name} ${limit.value.toLocaleString("en-GB", { maximumFractionDigits: limit.value < 100 ? 1 : 0 })}`}
            </text>
          )}
        </g>
      ))}
      {props.breaks.filter((mark) => mark.at > first && mark.at < last).map((mark) => (
        <line class="break" x1={x(mark.at)} x2={x(mark.at)} y1={top} y2={floor}><title>{mark.text}</title></line>
      ))}
      {runs(points, (point) => point.value !== undefined).map((run) => (
        <path class="series" d={path(run.map((point) => [middle(point.month), y(point.value ?? 0)] as const))} />
      ))}
      {points.filter((point) => point.value !== undefined).map((point) => (
        <circle class={point.rules.length > 0 ? "signal" : "point"} cx={middle(point.month)} cy={y(point.value ?? 0)}
          r={point.rules.length > 0 ? 4.5 : wide ? 3 : 2}>
          <title>{[`${point.name}: ${point.value?.toLocaleString("en-GB", { maximumFractionDigits: 1 })}`, ...point.rules].join("; ")}</title>
        </circle>
      ))}
    </svg>
  );
}

/** Years of a monthly axis, each named in the middle of its months where there is room. */
export function Years({ from, to, x, y }: { from: number; to: number; x: (place: number) => number; y: number }): JSX.Element {
  const years: number[] = [];
  for (let year = Math.floor(from / 12); year * 12 < to; year++) years.push(year);
  return (
    <g>
      {years.map((year) => {
        const left = x(Math.max(from, year * 12));
        const right = x(Math.min(to, year * 12 + 12));
        return (
          <g>
            {year * 12 >= from && <line class="axis" x1={left} x2={left} y1={y} y2={y + 10} />}
            {right - left >= 34 && <text x={(left + right) / 2} y={y + 20} text-anchor="middle">{year}</text>}
          </g>
        );
      })}
    </g>
  );
}
