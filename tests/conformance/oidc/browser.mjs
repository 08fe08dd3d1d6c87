// A browser that signs somebody in: it follows redirects, keeps cookies, and fills the provider's forms in.
//
//   node browser.mjs START PERSON < {"cookies": {origin: {name: value}}}
//
// Says where it ended, the cookies that it holds, and each Set-Cookie of the gateway, in one line of JSON.
import { readFileSync } from "node:fs";

const [start, person] = process.argv.slice(2);
const gateway = new URL(start).origin;
const jar = JSON.parse(readFileSync(0, "utf8") || "{}").cookies ?? {};
const set = [];

async function ask(address, options = {}) {
  const { origin } = new URL(address);
  const cookies = Object.entries(jar[origin] ?? {}).map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(address, { ...options, redirect: "manual", headers: { ...options.headers, ...(cookies && { cookie: cookies }) } });
  for (const line of response.headers.getSetCookie()) {
    if (origin === gateway) set.push(line);
    const [pair, ...attributes] = line.split(/; */);
    const name = pair.slice(0, pair.indexOf("="));
    const value = pair.slice(pair.indexOf("=") + 1);
    const gone = value === "" || attributes.some((one) => /^max-age=0$/i.test(one) || /^expires=thu, 01 jan 1970/i.test(one));
    jar[origin] ??= {};
    if (gone) delete jar[origin][name];
    else jar[origin][name] = value;
  }
  return response;
}

let address = start;
let response = await ask(address);
for (let step = 0; step < 20; step++) {
  const location = response.headers.get("location");
  if (location) {
    address = new URL(location, address).href;
    if (new URL(address).origin === gateway && !new URL(address).pathname.startsWith("/auth/")) break;
    response = await ask(address);
    continue;
  }
  const page = await response.text();
  const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
  if (!action) throw new Error(`${address} answered ${response.status}: ${page.slice(0, 500)}`);
  const prompt = /name="prompt" value="([a-z]+)"/.exec(page)[1];
  const fields = new URLSearchParams({ prompt, ...(prompt === "login" && { login: person, password: "any" }) });
  address = new URL(action, address).href;
  response = await ask(address, { method: "POST", body: fields.toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
}
process.stdout.write(`${JSON.stringify({ ended: address, cookies: jar, set })}\n`);
