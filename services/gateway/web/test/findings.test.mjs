import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { frozenOn, monthsInWords, rankFinding, seriesFinding } = await source("screens/board/findings.ts");

const month = (year, number) => year * 12 + number - 1;
const series = (values) => values.map(([value, rules], i) => ({
  month: month(2025, 1) + i, name: `month ${i}`, rules: rules ?? [], ...(value === undefined ? {} : { value }) }));
const clear = { year: 2025, month: 3, day: 1 };

test("months beside each other are said as one stretch", () => {
  assert.equal(monthsInWords([month(2016, 4)]), "April 2016");
  assert.equal(monthsInWords([month(2016, 4), month(2016, 6), month(2016, 7), month(2016, 8)]), "April 2016, June 2016 to August 2016");
  assert.equal(monthsInWords([]), "");
});

test("limits are frozen on the baseline, or on the first twelve months that have data", () => {
  const points = series([[undefined], ...Array.from({ length: 14 }, () => [5])]);
  assert.deepEqual(frozenOn(points, undefined), { from: month(2025, 2), to: month(2026, 1) });
  assert.deepEqual(frozenOn(points, { from: 1, to: 2 }), { from: 1, to: 2 });
  assert.equal(frozenOn([], undefined), undefined);
});

test("a finding tells signals since Clear from those before, and on which side they are", () => {
  const said = seriesFinding(series([[10, ["x"]], [10], [2, ["x"]], [3, ["x"]], [9]]), { mean: 10, lower: 4, upper: 16 }, true, undefined, clear);
  assert.match(said, /10 a month on average in the baseline; chance alone keeps a month between 4 and 16\./);
  assert.match(said, /3 months stand out from chance, the last in month 3\./);
  assert.match(said, /Since Clear began on 1 March 2025, 2 of 3 months with data stand out, all below that average\./);
  assert.match(said, /something changed, not why/);
});

test("a finding says where nothing stands out, and names months without data", () => {
  const said = seriesFinding(series([[10], [undefined], [11]]), { mean: 10, lower: -1, upper: 16 }, true, undefined, clear);
  assert.match(said, /No month stands out from chance\./);
  assert.match(said, /chance alone keeps a month below 16\./);
  assert.match(said, /No data, which is not zero: February 2025\./);
  assert.doesNotMatch(said, /Since Clear/);
});

test("without limits a finding says why", () => {
  assert.match(seriesFinding(series([[1]]), { undefined: 6 }, false, undefined, undefined), /^No limits are drawn: there are too few months\.$/);
});

test("a rank is never said without its interval", () => {
  const said = rankFinding({ period: "2025H2", areas: 24, site: [{ name: "East", rank: 1, lower: 1, upper: 5 }, { name: "West", lower: 0, upper: 0 }] }, ["2026H1"]);
  assert.match(said, /July to December 2025: East ranked 1 of 24 \(90 % interval 1 to 5\); West has no rank\./);
  assert.match(said, /No rank, because a month has no data: January to June 2026\./);
  assert.match(rankFinding(undefined, []), /No half-year can be ranked yet/);
});
