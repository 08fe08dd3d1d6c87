// The console as people meet it: a platform of its own on free ports, the demonstration loaded through the API, Chromium.
// HOLDFAST_BIN names the folder of the programs, HOLDFAST_CHROMIUM the browser.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { web } from "./source.mjs";

const first = (paths) => paths.find((path) => path && existsSync(path));
const bin = first([process.env.HOLDFAST_BIN, join(web, "../../../bin"), join(web, "../../../build/dev/bin")]
  .filter(Boolean).filter((folder) => existsSync(join(folder, "holdfast-standalone"))));
const chromium = first([process.env.HOLDFAST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]);

function missing() {
  if (Number(process.versions.node.split(".")[0]) < 20) return `playwright needs node 20 or newer; this is ${process.version}`;
  if (!existsSync(join(web, "node_modules/playwright-core"))) return "playwright-core is not installed: npm ci --ignore-scripts";
  if (!bin) return "holdfast-standalone is not built: ./dev test builds it";
  if (!chromium) return "no chromium here: apt-get install chromium";
  return false;
}

// A suite that is skipped counts as nothing; a test that is skipped counts.
const why = missing();
(why ? test : describe)("the console", { skip: why, timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-console-"));
  const seen = { requests: [], console: [] };
  const children = [];
  let browser;
  let page;
  let addresses;
  let token;

  const start = (name, ...options) => {
    const child = spawn(join(bin, name), options, { stdio: ["ignore", "pipe", "pipe"] });
    const output = { text: "" };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output.text += bytes));
    child.ended = new Promise((resolve) => child.once("exit", resolve));
    children.push(child);
    return { child, output };
  };
  const end = async (child) => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await child.ended;
  };
  // Waits for a state of ours, not for a time.
  const until = async (what, of, ready) => {
    for (let i = 0; i < 1200; i++) {
      const found = ready();
      if (found) return found;
      if (of.child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${what}: ${of.output.text.slice(-2000)}`);
  };
  const host = (address) => address.replace(/^https?:\/\//, "");
  const rpc = async (method, body) => {
    const answer = await fetch(`${addresses.console}/holdfast.${method}`, {
      method: "POST", body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) } });
    assert.equal(answer.status, 200, `${method}: ${await answer.clone().text()}`);
    return answer.json();
  };
  const newPage = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, acceptDownloads: true, ...options });
    const opened = await context.newPage();
    opened.on("request", (request) => seen.requests.push(request.url()));
    opened.on("console", (message) => seen.console.push(`${message.type()}: ${message.text()}`));
    opened.on("pageerror", (error) => seen.console.push(`error: ${error.message}`));
    return opened;
  };
  const signIn = async (on, name, address = addresses.console) => {
    await on.goto(address);
    await on.getByRole("button", { name }).click();
    await on.getByRole("heading", { name: "Sites", level: 1 }).waitFor();
  };
  const openSite = async (on, name) => {
    await on.goto(addresses.console);
    await on.getByRole("link", { name, exact: true }).click();
    await on.getByRole("heading", { name, level: 1 }).waitFor();
  };
  const openBoard = async (on, name) => {
    await openSite(on, name);
    await on.getByRole("heading", { name: /^Every ward in/ }).waitFor();
    await on.locator("figure svg.hf-chart .other").first().waitFor();
  };
  const axe = readFileSync(join(web, "node_modules/axe-core/axe.min.js"), "utf8");
  const accessible = async (on, where, rules = {}) => {
    await on.evaluate(axe);
    const found = await on.evaluate((some) => globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], rules: some }), rules);
    assert.deepEqual(found.violations.map((one) => `${where}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`), []);
    assert.ok(found.passes.length > 5, "axe looked at the page");
  };
  const narrow = async (on, where) => {
    const wide = await on.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${where} is ${wide} px wider than the window`);
  };

  before(async () => {
    const platform = start("holdfast-standalone", "--data", folder, "--port", "0", "--demo=empty");
    const file = join(folder, "run/holdfast.json");
    addresses = await until("the platform did not start", platform, () => existsSync(file) && JSON.parse(readFileSync(file, "utf8") || "null"));
    await promisify(execFile)(join(bin, "holdfast"), ["--address", host(addresses.grpc), "demo", "load"], { timeout: 200_000 });
    token = (await rpc("directory.v1.DevelopmentIssuerService/IssueToken", { tenant: "westmoor", as: "analyst" })).token;
    const playwright = await import("playwright-core");
    browser = await playwright.chromium.launch({ executablePath: chromium,
      args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", "--disable-dev-shm-usage"] });
    page = await newPage();
  });

  after(async () => {
    await browser?.close();
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  });

  test("a person signs in with one click and finds the sites", async () => {
    await page.goto(addresses.console);
    await page.getByRole("heading", { name: "Choose who to be" }).waitFor();
    await accessible(page, "sign-in");
    await page.getByRole("button", { name: "Analyst, Westmoor" }).click();
    await page.getByRole("link", { name: "Larkhill Together", exact: true }).waitFor();
    assert.equal(await page.title(), "Sites – Holdfast");
    assert.equal(await page.evaluate(() => document.cookie), "", "no script can read the session");
    await accessible(page, "sites");
  });

  test("the board shows phases as bands, the baseline, and the month without data", async () => {
    await openBoard(page, "Larkhill Together");
    const chart = page.locator("figure").filter({ has: page.getByRole("heading", { name: "Crimes recorded" }) });
    for (const phase of ["Baseline", "Prepare", "Clear", "Hold", "Build"]) {
      assert.equal(await chart.locator("svg text", { hasText: new RegExp(`^${phase}$`) }).count(), 1, phase);
      assert.equal(await chart.locator(`svg .tint-${phase.toUpperCase()}`).count(), 1, phase);
    }
    assert.ok((await chart.locator("svg .missing").count()) >= 1);
    assert.match(await chart.locator(".hf-finding").innerText(), /No data, which is not zero: January 2026/);
    assert.match(await page.locator("section", { hasText: "Data digest" }).innerText(), /[0-9a-f]{64}/);
    await accessible(page, "board");
  });

  test("the table beside the chart has the numbers of the service, and so has its file", async () => {
    const { sites } = await rpc("board.v1.BoardService/ListSiteBoards", {});
    const site = sites.find((one) => one.brand === "Larkhill Together");
    const { baselines } = await rpc("board.v1.BoardService/GetSiteBoard", { siteId: site.siteId });
    const { points } = await rpc("metrics.v1.MetricsService/GetControlChart", { measure: "crime", siteId: site.siteId,
      areas: { ...site.set, codes: site.codes }, freezeFrom: baselines.at(-1).from, freezeTo: baselines.at(-1).to });
    const wanted = points.map((point) => [`${point.month.year}-${String(point.month.month).padStart(2, "0")}`,
      point.completeness === "MISSING" || point.value === undefined ? "no data" : String(point.value)]);
    assert.ok(wanted.length >= 48);
    assert.deepEqual(wanted.filter(([, value]) => value === "no data").map(([month]) => month), ["2026-01"]);

    const chart = page.locator("figure").filter({ has: page.getByRole("heading", { name: "Crimes recorded" }) });
    await chart.locator("summary").click();
    const shown = await chart.locator("tbody tr").evaluateAll((rows) =>
      rows.map((row) => [...row.children].slice(0, 2).map((cell) => cell.textContent.replaceAll(",", ""))));
    assert.deepEqual(shown, wanted);
    const [download] = await Promise.all([page.waitForEvent("download"), chart.getByRole("button", { name: /Save as CSV/ }).click()]);
    assert.equal(download.suggestedFilename(), "crime.csv");
    const csv = readFileSync(await download.path(), "utf8").trimEnd().split("\r\n");
    assert.equal(csv[0], "Month,Value,Signal");
    assert.deepEqual(csv.slice(1).map((line) => line.split(",").slice(0, 2)), wanted);
    await accessible(page, "board with its table open");
  });

  test("ranks stand with their interval, by half-year and for every ward", async () => {
    const { periods } = await rpc("metrics.v1.MetricsService/GetRanks", { measure: "severity", areas: { kind: "ward" }, periods: ["2025H2"] });
    const rows = periods[0].rows;
    assert.equal(rows.length, 24);
    const site = page.locator("figure").filter({ has: page.getByRole("heading", { name: "Severity rank by half-year" }) });
    const east = rows.find((row) => row.area.name === "Larkhill East");
    assert.match(await site.locator(".hf-finding").innerText(),
      new RegExp(`Larkhill East ranked ${east.observedRank} of 24 \\(90 % interval ${east.rankLower} to ${east.rankUpper}\\)`));
    assert.equal(await site.locator("svg text", { hasText: "no rank" }).count(), 1, "2026H1 has a month without data");
    assert.ok((await site.locator("svg .interval").count()) >= 14);

    const every = page.locator("figure").filter({ has: page.getByRole("heading", { name: "Every ward in July to December 2025" }) });
    assert.equal(await every.locator("svg .place title").count(), 24);
    const table = await every.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.children].slice(0, 4).map((cell) => cell.textContent)));
    assert.deepEqual(table.map((row) => row.slice(1).map(Number)), rows.map((row) => [row.observedRank, row.rankLower, row.rankUpper]));
    assert.deepEqual(table.map((row) => row[0].replace(" (this site)", "")), rows.map((row) => row.area.name));
  });

  test("another measure keeps the focus where it was, and stands in the address", async () => {
    await page.getByLabel("Measure").focus();
    await page.getByLabel("Measure").selectOption({ label: "Burglary" });
    await page.getByRole("heading", { name: "Homes and businesses broken into" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "measure");
    assert.match(page.url(), /measure=burglary/);
    await page.getByLabel("Half-year", { exact: true }).selectOption({ label: "January to June 2026" });
    await page.getByText(/This half-year has no rank: a month has no data/).waitFor();
    await accessible(page, "half-year without rank");
    await page.goBack();
    await page.getByRole("heading", { name: "Every ward in July to December 2025" }).waitFor();
  });

  test("a phase recorded afterwards is marked wherever it is shown", async () => {
    await openBoard(page, "Fernley");
    assert.equal(await page.locator("svg text", { hasText: "Clear (recorded afterwards)" }).count(), 2, "timeline and series");
    assert.equal(await page.locator("figure > div > svg .bar-afterwards").count() >= 2, true);
    await accessible(page, "site of the past");
  });

  test("the keyboard reaches everything, from a link that skips to the content", async () => {
    await openBoard(page, "Larkhill Together");
    await page.reload();  // so that the walk begins where a page begins
    await page.locator("figure svg.hf-chart .other").first().waitFor();
    const stops = [];
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const at = document.activeElement;
        if (!at || at === document.body) return null;
        const style = getComputedStyle(at);
        const box = at.getBoundingClientRect();
        return { text: (at.textContent || at.id || at.getAttribute("aria-label")).trim().slice(0, 40), tag: at.tagName,
          visible: style.outlineStyle !== "none" || style.boxShadow !== "none", inView: box.bottom > 0 && box.top < innerHeight,
          high: box.height };
      });
      if (!stop) break;
      stops.push(stop);
    }
    assert.equal(stops[0].text, "Skip to main content");
    for (const wanted of ["Holdfast", "Sign out", "All sites", "The numbers: Crimes recorded"]) {
      assert.ok(stops.some((stop) => stop.text.startsWith(wanted)), `${wanted} in ${stops.map((stop) => stop.text).join(", ")}`);
    }
    assert.deepEqual(stops.filter((stop) => !stop.visible || !stop.inView).map((stop) => stop.text), [], "focus is seen");
    await page.goto(addresses.console);
    await page.getByRole("heading", { name: "Sites", level: 1 }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  });

  test("at 320 px nothing leaves the window, and letters keep their size", async () => {
    const small = await newPage({ viewport: { width: 320, height: 640 }, reducedMotion: "reduce" });
    await small.goto(addresses.console);
    await small.getByRole("heading", { name: "Choose who to be" }).waitFor();
    await narrow(small, "sign-in");
    await signIn(small, "Analyst, Westmoor");
    await narrow(small, "sites");
    await openBoard(small, "Larkhill Together");
    await narrow(small, "board");
    const size = await small.locator("figure svg.hf-chart text").first().evaluate((text) =>
      parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a);
    assert.ok(size >= 12, `${size} px`);
    await accessible(small, "board at 320 px");
    await small.context().close();
  });

  test("in forced colours every line and every mark stays", async () => {
    const forced = await newPage({ forcedColors: "active", colorScheme: "dark" });
    await signIn(forced, "Analyst, Westmoor");
    await openBoard(forced, "Larkhill Together");
    const drawn = await forced.evaluate(() => {
      const style = (selector) => getComputedStyle(document.querySelector(`figure ${selector}`));
      const canvas = getComputedStyle(document.body).backgroundColor;
      return { canvas, series: style(".series").stroke, limit: style(".limit").stroke, point: style(".point").fill, bar: style(".bar").fill,
        text: style("text").fill, quiet: style("text.quiet").fill, heading: getComputedStyle(document.querySelector("h1")).color };
    });
    for (const [name, colour] of Object.entries(drawn)) {
      if (name !== "canvas") assert.equal(["rgb(0, 0, 0)", "rgb(11, 12, 12)", "rgb(80, 90, 95)"].includes(colour), false, `${name} is ${colour}`);
    }
    assert.equal(drawn.canvas, "rgb(0, 0, 0)");
    // axe measures contrast against the page's own colours, which are not drawn here.
    await accessible(forced, "forced colours", { "color-contrast": { enabled: false } });
    await forced.context().close();
  });

  test("on paper every table is open and no control is printed", async () => {
    await openBoard(page, "Larkhill Together");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator("details:not([open])").count(), 0);
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 688, height: 1000 });  // A4 between its margins
    await narrow(page, "paper");
    assert.equal(await page.getByLabel("Measure").isVisible(), false);
    assert.equal(await page.getByRole("button", { name: "Sign out" }).isVisible(), false);
    await page.emulateMedia({ media: null });
    await page.setViewportSize({ width: 1100, height: 900 });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator("details[open]").count(), 0);
  });

  test("an empty tenant says what to do first; an address that is not there says so", async () => {
    const sandbox = await newPage();
    await signIn(sandbox, "Analyst, Sandbox");
    await sandbox.getByText("There is no site yet").waitFor();
    await accessible(sandbox, "empty tenant");
    await sandbox.goto(`${addresses.console}/nowhere`);
    await sandbox.getByRole("heading", { name: "There is no such page" }).waitFor();
    await accessible(sandbox, "no such page");
    await sandbox.context().close();
  });

  test("a gateway that runs alone serves the same console", async () => {
    const alone = start("holdfast-gateway", "--services", host(addresses.grpc), "--port", "0");
    const { console: address } = JSON.parse(await until("the gateway did not start", alone, () => /^\{.*\}$/m.exec(alone.output.text)?.[0]));
    const elsewhere = await newPage();
    await signIn(elsewhere, "Analyst, Westmoor", address);
    await elsewhere.getByRole("link", { name: "Larkhill Together", exact: true }).waitFor();
    await elsewhere.context().close();
    await end(alone.child);
    assert.equal(alone.child.exitCode, 0);
  });

  test("the console of the browser was silent, and no request left this machine", () => {
    assert.deepEqual(seen.console, []);
    assert.ok(seen.requests.length > 20);
    assert.deepEqual(seen.requests.filter((url) => !/^(http:\/\/127\.0\.0\.1:|blob:http:\/\/127\.0\.0\.1:|data:)/.test(url)), []);
  });

  test("signing out ends the session in the browser and in the gateway", async () => {
    await page.goto(addresses.console);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Choose who to be" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Choose who to be" }).waitFor();
  });

  // Last: it ends the platform.
  test("where the service is gone the page says so, and offers to try again", async () => {
    await signIn(page, "Analyst, Westmoor");
    await end(children[0]);
    await page.getByRole("link", { name: "Larkhill Together", exact: true }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /did not answer[\s\S]*Try again/);
    await accessible(page, "error");
  });
});
