import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const words = await source("words.ts");

test("months and days are said in full", () => {
  assert.equal(words.monthName({ year: 2026, month: 1 }), "January 2026");
  assert.equal(words.dayName({ year: 2025, month: 7, day: 1 }), "1 July 2025");
  assert.equal(words.isoMonth({ year: 2025, month: 7 }), "2025-07");
  for (const month of [{ year: 2016, month: 1 }, { year: 2016, month: 12 }]) {
    assert.deepEqual(words.monthOf(words.monthNumber(month)), month);
  }
});

test("a day stands within its month on a monthly axis", () => {
  const first = words.dayPlace({ year: 2025, month: 7, day: 1 });
  assert.equal(first, words.monthNumber({ year: 2025, month: 7 }));
  const last = words.dayPlace({ year: 2025, month: 7, day: 31 });
  assert.ok(last > first && last < first + 1);
});

test("half-years are said by their months", () => {
  assert.equal(words.halfYear("2025H2"), "H2 2025");
  assert.equal(words.halfYearInWords("2025H1"), "January to June 2025");
});

test("a lag is said in the unit that a person would use", () => {
  assert.equal(words.lagInWords(20), "less than a minute");
  assert.equal(words.lagInWords(180), "3 minutes");
  assert.equal(words.lagInWords(4 * 3600), "4 hours");
  assert.equal(words.lagInWords(72 * 3600), "3 days");
});

test("areas are counted in words", () => {
  assert.equal(words.areasInWords(1, "ward", "2022"), "1 ward (boundaries of 2022)");
  assert.equal(words.areasInWords(2, "ward", ""), "2 wards");
  assert.equal(words.areasInWords(0, "", ""), "None are chosen yet");
});

test("every caveat, reason and rule has words of its own", async () => {
  const { Caveat_Code, Undefined_Reason } = await source("gen/holdfast/metrics/v1/figure_pb.ts");
  for (const code of Object.values(Caveat_Code).filter((one) => typeof one === "number" && one > 0)) {
    assert.match(words.caveatSentence(code), /^[A-Z].*[a-z].*\.$/, Caveat_Code[code]);
  }
  for (const reason of Object.values(Undefined_Reason).filter((one) => typeof one === "number" && one > 0)) {
    assert.match(words.undefinedReason(reason), /^[a-z][a-z ]+$/, Undefined_Reason[reason]);
  }
});
