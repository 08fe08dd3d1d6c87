import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { linear, path, placeLabels, runs, spread, textWidth } = await source("charts/scale.ts");

test("a scale carries its ends to its ends, and its ticks are round", () => {
  const x = linear(0, 282, 300, 20);
  assert.equal(x(0), 300);
  assert.equal(x(282), 20);
  assert.deepEqual(x.ticks, [0, 100, 200]);
  assert.deepEqual(linear(0, 1, 0, 1).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linear(1, 24, 0, 1, 6).ticks, [5, 10, 15, 20]);
});

test("a scale of one value has a place for it all the same", () => {
  const x = linear(7, 7, 0, 100);
  assert.ok(Number.isFinite(x(7)));
  assert.ok(x.ticks.length > 0);
});

test("a line breaks where a month has no data", () => {
  const points = [1, 2, undefined, 4, undefined, undefined, 7].map((value) => ({ value }));
  assert.deepEqual(runs(points, (point) => point.value !== undefined).map((run) => run.map((point) => point.value)), [[1, 2], [4], [7]]);
  assert.deepEqual(runs([], () => true), []);
});

test("a path moves to its first point and draws to the others", () => {
  assert.equal(path([[0, 1], [2.25, 3]]), "M0.0 1.0L2.3 3.0");
  assert.equal(path([]), "");
});

test("labels that would cover each other stand in different lanes, inside the drawing", () => {
  const spans = [
    { from: 0, to: 300, label: "Baseline" }, { from: 280, to: 300, label: "Prepare" }, { from: 300, to: 340, label: "Clear" },
    { from: 320, to: 400, label: "Hold" }, { from: 380, to: 400, label: "Build (recorded afterwards)" },
  ];
  const places = placeLabels(spans, 0, 400);
  places.forEach((place, i) => {
    assert.ok(place.x >= 0 && place.x + textWidth(spans[i].label) <= 400, spans[i].label);
    places.forEach((other, k) => {
      if (k <= i || other.lane !== place.lane) return;
      const ends = (at, p) => [Math.min(p.x, spans[at].from), Math.max(p.x + textWidth(spans[at].label), spans[at].to)];
      const [a, b] = [ends(i, place), ends(k, other)];
      assert.ok(a[1] <= b[0] || b[1] <= a[0], `${spans[i].label} and ${spans[k].label}`);
    });
  });
  assert.equal(places[0].lane, 0);
});

test("places are moved apart by no more than they must, in their order", () => {
  assert.deepEqual(spread([10, 100], 15), [10, 100]);
  assert.deepEqual(spread([50, 50], 10), [45, 55]);
  assert.deepEqual(spread([52, 50], 10), [56, 46]);
  for (let seed = 1; seed < 200; seed++) {
    const wanted = Array.from({ length: 6 }, (_, i) => (seed * 7919 * (i + 1)) % 97);
    const out = spread(wanted, 12, 0, 200);
    const sorted = [...out].sort((a, b) => a - b);
    assert.ok(sorted.every((place, i) => i === 0 || place - sorted[i - 1] >= 12 - 1e-6), `seed ${seed}: ${out}`);
    assert.ok(sorted[0] >= -1e-9 && sorted[5] <= 200 + 1e-9, `seed ${seed}: ${out}`);
  }
});
