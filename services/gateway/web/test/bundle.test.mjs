// What is built into the program: nothing of anybody else at run time.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { web } from "./source.mjs";

const dist = join(web, "dist");
const skip = existsSync(dist) ? false : "the page was not built: ./dev web";

test("the page names no address of another machine but those of standards and of documents", { skip }, () => {
  const allowed = /^https?:\/\/(www\.w3\.org|127\.0\.0\.1|localhost|github\.com|preactjs\.com|protobuf\.dev|connectrpc\.com|in-memory|demo\.connectrpc\.com)\b/;
  for (const name of readdirSync(dist).filter((one) => /\.(js|css|html)$/.test(one))) {
    const found = readFileSync(join(dist, name), "utf8").match(/https?:\/\/[a-z0-9.-]+/gi) ?? [];
    assert.deepEqual(found.filter((address) => !allowed.test(address)), [], name);
  }
});

test("the stylesheet has no typeface and no rule of others' rights", { skip }, () => {
  for (const name of readdirSync(dist).filter((one) => one.endsWith(".css"))) {
    const css = readFileSync(join(dist, name), "utf8");
    assert.doesNotMatch(css, /@font-face|GDS Transport|@import|\\0/);
  }
});

test("the page has no script and no style of its own inside, which its policy forbids", { skip }, () => {
  const page = readFileSync(join(dist, "index.html"), "utf8");
  assert.doesNotMatch(page, /<script(?![^>]*src=)|<style|style=|onload=/);
  for (const file of page.match(/(?<=(?:src|href)=")\/[^"]+/g) ?? []) assert.ok(existsSync(join(dist, file)), file);
});
