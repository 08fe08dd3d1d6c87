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
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9)) ?? power * 10;
  const first = Math.ceil(low / step - 1e-9) * step;
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

/** About how wide a text of 13 px is, in px; a little too much rather than too little. */
export const textWidth = (text: string): number => Math.ceil(text.length * 7.4);

export interface Placed {
  lane: number;
  x: number; // where its label begins
}

/**
 * Labels above spans of an axis, so that none covers another and none leaves [left, right]: each takes the first lane
 * that is free where it stands. A label begins at its span, or earlier where it would leave on the right.
 */
export function placeLabels(spans: readonly { from: number; to: number; label: string }[], left: number, right: number): Placed[] {
  const lanes: [number, number][][] = [];
  return spans.map((span) => {
    const width = textWidth(span.label);
    const x = Math.max(left, Math.min(span.from, right - width));
    const begin = Math.min(x, span.from) - 4;
    const end = Math.max(x + width, span.to) + 4;
    let lane = lanes.findIndex((taken) => taken.every(([from, to]) => end <= from || begin >= to));
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane]?.push([begin, end]);
    return { lane, x };
  });
}

/** Moves places apart until neighbours are `gap` from each other, keeping their order; around where they wanted to be. */
export function spread(wanted: readonly number[], gap: number, low = -Infinity, high = Infinity): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  // Blocks of neighbours that touch, each centred on the mean of what its members wanted.
  const blocks: { members: number[]; centre: number }[] = [];
  const half = (members: number[]) => ((members.length - 1) * gap) / 2;
  for (const i of order) {
    blocks.push({ members: [i], centre: wanted[i] ?? 0 });
    for (let last = blocks.length - 1; last > 0; last--) {
      const above = blocks[last - 1];
      const below = blocks[last];
      if (!above || !below || above.centre + half(above.members) + gap <= below.centre - half(below.members) + 1e-9) break;
      const members = [...above.members, ...below.members];
      const offset = (member: number, at: number) => (wanted[member] ?? 0) - (at * gap - half(members));
      blocks.splice(last - 1, 2, {
        members, centre: members.reduce((sum, member, at) => sum + offset(member, at), 0) / members.length });
    }
  }
  const out = wanted.map(() => 0);
  for (const { members, centre } of blocks) members.forEach((member, at) => { out[member] = centre + at * gap - half(members); });
  const over = Math.max(0, Math.max(...out) - high);
  const under = Math.max(0, low - Math.min(...out));
  return out.map((place) => place - over + under);
}
