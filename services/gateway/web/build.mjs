// Builds the console into dist/: one script, one stylesheet, one page, each also gzipped, and a list of them.
//   node build.mjs            generates src/gen from the protos (protoc), then bundles
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const protoRoot = join(here, "../../../proto");
const out = join(here, "dist");
const gen = join(here, "src/gen");

function protosBelow(folder) {
  return readdirSync(join(protoRoot, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? protosBelow(join(folder, entry.name))
      : entry.name.endsWith(".proto") ? [join(folder, entry.name)] : []);
}

// What the page speaks: no journal, no configuration, no test context.
const spoken = ["board", "directory", "initiative", "metrics", "options", "type"]
  .flatMap((context) => protosBelow(`holdfast/${context}`));
rmSync(gen, { recursive: true, force: true });
mkdirSync(gen, { recursive: true });
execFileSync("protoc", [
  "-I", protoRoot, `--plugin=protoc-gen-es=${join(here, "node_modules/.bin/protoc-gen-es")}`,
  `--es_out=${gen}`, "--es_opt=target=ts,import_extension=none", ...spoken, "google/rpc/error.proto",
], { stdio: "inherit" });

// The stylesheet without the rules of `@media` blocks whose condition is that of old Internet Explorer ("screen\\0"): no
// browser that can run this page reads them, and they are no CSS.
function withoutOldBrowsers(css) {
  for (let at = css.indexOf("@media screen\\0"); at >= 0; at = css.indexOf("@media screen\\0", at)) {
    let end = css.indexOf("{", at) + 1;
    for (let depth = 1; depth > 0; end++) depth += css[end] === "{" ? 1 : css[end] === "}" ? -1 : 0;
    css = css.slice(0, at) + css.slice(end);
  }
  return css.replace(/@media screen and \(min-width:[\d.]+em\) and \(min-width:0\\0\)\{[^{}]*\{[^{}]*\}\}/g, "");
}

// Nothing from a third party at run time, and no typeface that is licensed to one publisher only.
const govuk = {
  name: "govuk-without-its-typeface",
  setup(build) {
    build.onLoad({ filter: /govuk-frontend\.min\.css$/ }, (args) => ({
      loader: "css",
      contents: withoutOldBrowsers(readFileSync(args.path, "utf8"))
        .replace(/@font-face\{[^}]*\}/g, "")
        .replace(/"?GDS Transport"?,/g, ""),
    }));
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const result = await esbuild.build({
  entryPoints: { app: join(here, "src/main.tsx"), style: join(here, "src/style.css") },
  bundle: true, minify: true, format: "esm", target: "es2022", write: false, outdir: out,
  jsx: "automatic", jsxImportSource: "preact", legalComments: "none", plugins: [govuk],
  entryNames: "[name]-[hash]", external: ["/assets/*"], logLevel: "warning",
});

const files = new Map(result.outputFiles.map((file) => [relative(out, file.path), Buffer.from(file.contents)]));
const named = (prefix, suffix) => [...files.keys()].find((name) => name.startsWith(prefix) && name.endsWith(suffix));
const page = readFileSync(join(here, "static/index.html"), "utf8")
  .replace("{{style}}", `/${named("style", ".css")}`)
  .replace("{{script}}", `/${named("app", ".js")}`);
files.set("index.html", Buffer.from(page));
files.set("icon.svg", readFileSync(join(here, "static/icon.svg")));

const list = [];
for (const [name, bytes] of files) {
  const packed = gzipSync(bytes, { level: 9 });
  writeFileSync(join(out, name), bytes);
  writeFileSync(join(out, `${name}.gz`), packed);
  list.push({ name, bytes: bytes.length, gzip: packed.length,
              sha256: createHash("sha256").update(bytes).digest("hex") });
  console.log(`${name}  ${bytes.length} bytes, ${packed.length} gzipped`);
}
writeFileSync(join(out, "files.json"), `${JSON.stringify(list, null, 2)}\n`);
for (const [suffix, most] of [[".js", 130 * 1024], [".css", 40 * 1024]]) {
  const total = list.filter((file) => file.name.endsWith(suffix)).reduce((sum, file) => sum + file.gzip, 0);
  if (total > most) throw new Error(`${suffix} weighs ${total} bytes gzipped; the budget is ${most}`);
}
