// Runs the tests that stand beside the sources, `src/**/*.test.ts` and `.tsx`, bundled as the page is.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ui = join(import.meta.dirname, "..");
const tests = readdirSync(join(ui, "src"), { recursive: true })
  .filter((file) => /\.test\.tsx?$/.test(file))
  .map((file) => join(ui, "src", file));
if (tests.length === 0) throw new Error("there are no tests");
const folder = mkdtempSync(join(tmpdir(), "ledger-page-tests-"));
try {
  await build({
    entryPoints: tests,
    bundle: true,
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    outdir: folder,
    outbase: join(ui, "src"),
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".css": "empty" },
    logLevel: "warning",
  });
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".test.mjs"));
  const run = spawnSync(process.execPath, ["--test", ...files.map((file) => join(folder, file))], {
    stdio: "inherit",
    env: { ...process.env, TZ: "Europe/Berlin" },
  });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
