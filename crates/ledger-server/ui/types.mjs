// Writes the types of the API from the server's own document: `ledger generate openapi | node types.mjs`; with `--check` it
// says whether src/lib/schema.ts is what the document makes.
import openapiTS, { astToString } from "openapi-typescript";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const file = join(import.meta.dirname, "src/lib/schema.ts");
const document = JSON.parse(await text(process.stdin));
const types = `// Made by types.mjs from the server's OpenAPI document.\n\n${astToString(await openapiTS(document))}`;
if (process.argv.includes("--check")) {
  if ((await readFile(file, "utf8")) !== types) {
    throw new Error("src/lib/schema.ts is not what the server's document makes: run `ledger generate openapi | npm run types`");
  }
} else {
  await writeFile(file, types);
}
