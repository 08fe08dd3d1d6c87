// Where a value stands on a drawing. Pure.

export interface Scale {
  (value: number): number;
  ticks: number[];
}

/** From [low, high] to [from, to], with round ticks (1, 2 or 5 times a power of ten), about `wanted` of them. */
export function linear(low: number, high: number, from: number, to: number, wanted = 5): Scale {
  const span = high > low ? high - low : 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10;
  const first = Math.ceil(low / step) * step;
  const ticks: number[] = [];
  for (let i = 0; first + i * step <= high + step * 1e-9; i++) ticks.push(Number((first + i * step).toPrecision(12)));
  return Object.assign((value: number) => from + ((value - low) / span) * (to - from), { ticks });
}

/** Runs of neighbours that have a value: a line breaks where a month has no data. */
export function runs<T>(points: readonly T[], has: (point: T) => boolean): T[][] {
  const out: T[][] = [];
  let run: T[] = [];
  for (const point of points) {
    if (has(point)) run.push(point);
    else if (run.length > 0) {
      out.push(run);
      run = [];
    }
  }
  if (run.length > 0) out.push(run);
  return out;
}

export const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
