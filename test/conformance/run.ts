// `npm run test:conformance -- DIR [--table FILE]`: reads every capture of a folder with the agent and compares; `--table` writes what
// is read of each as docs/supported-rigs.md has it. Exit code 1 when a value is wrong; what is not read costs the score alone.
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readAll } from "./readCaptures.js";
import { report, scoreOf } from "./report.js";
import { supportedRigs } from "./supportedRigs.js";

const { values, positionals } = parseArgs({
  options: { table: { type: "string" } },
  allowPositionals: true,
});
const folder = positionals[0] ?? process.env.HASHWATT_CORPUS;
if (folder === undefined || !existsSync(folder)) {
  console.error(
    folder === undefined
      ? "say where the captures are: npm run test:conformance -- DIR"
      : `${folder} does not exist; give a folder of captures`,
  );
  process.exit(1);
}
const results = await readAll(folder, "127.79.0.1");
console.log(report(results));
if (values.table !== undefined) writeFileSync(values.table, supportedRigs(results));
process.exitCode = scoreOf(results.flatMap(({ marks }) => marks)).wrong ? 1 : 0;
