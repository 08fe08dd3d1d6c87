// Loads a TypeScript source of the page as a module: bundled on the fly, nothing written into the tree.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

export const web = join(dirname(fileURLToPath(import.meta.url)), "..");

export async function source(path) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-web-"));
  try {
    const outfile = join(folder, "module.mjs");
    await esbuild.build({ entryPoints: [join(web, "src", path)], bundle: true, format: "esm", platform: "node", outfile,
      jsx: "automatic", jsxImportSource: "preact", logLevel: "error" });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
