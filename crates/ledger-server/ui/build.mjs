// Builds what the server embeds: `node build.mjs` writes dist/, `--check` says whether dist/ is what the sources make.
import { build } from "esbuild";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const here = import.meta.dirname;
const files = ["index.html", "app.js", "app.css", "favicon.svg"];
const MOST = 150_000;

async function write(folder) {
  await build({
    absWorkingDir: here,
    entryPoints: { app: "src/main.tsx" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    charset: "utf8",
    outdir: folder,
    logLevel: "warning",
  });
  for (const file of ["index.html", "favicon.svg"]) await copyFile(join(here, "src", file), join(folder, file));
}

async function packed(folder) {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(join(folder, file))).length;
  return bytes;
}

const dist = join(here, "dist");
if (process.argv.includes("--check")) {
  const fresh = await mkdtemp(join(tmpdir(), "ledger-page-"));
  try {
    await write(fresh);
    for (const file of files) {
      const [committed, built] = await Promise.all([dist, fresh].map((folder) => readFile(join(folder, file))));
      if (!committed.equals(built)) throw new Error(`dist/${file} is not what the sources make: run \`npm run build\``);
    }
  } finally {
    await rm(fresh, { recursive: true });
  }
} else {
  await mkdir(dist, { recursive: true });
  await write(dist);
}
const bytes = await packed(dist);
if (bytes > MOST) throw new Error(`the page has ${bytes} bytes packed: ${MOST} are the most`);
console.log(`the page has ${bytes} bytes packed`);
