import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { shown, toCsv } = await source("parts/table.ts");

test("a file has numbers as they came, a table has them rounded", () => {
  assert.equal(shown(1254.078851106902, 1), "1,254.1");
  assert.equal(toCsv({ caption: "", head: ["Month", "Value"], rows: [["2026-01", 1254.078851106902]] }),
    "Month,Value\r\n2026-01,1254.078851106902\r\n");
});

test("a field with a comma, a quote or a line end is quoted", () => {
  assert.equal(toCsv({ caption: "", head: ["a,b", 'say "x"'], rows: [["two\nlines", "plain"]] }),
    '"a,b","say ""x"""\r\n"two\nlines",plain\r\n');
});

test("a text that a spreadsheet would run as a formula is defused; a negative number stays one", () => {
  assert.equal(toCsv({ caption: "", head: ["x"], rows: [["=1+1"], ["@cmd"], ["-5"], [-5], ["+a"]] }),
    "x\r\n'=1+1\r\n'@cmd\r\n-5\r\n-5\r\n'+a\r\n");
});
