// `npm run test:conformance -- DIR`: reads every capture of a folder with the agent and compares. Exit code 1 when a value is
// wrong; what is not read costs the score alone.
import { existsSync } from "node:fs";
import { readAll } from "./readCaptures.js";
import { report, scoreOf } from "./report.js";

const folder = process.argv[2] ?? process.env.HASHWATT_CORPUS;
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
process.exitCode = scoreOf(results.flatMap(({ marks }) => marks)).wrong ? 1 : 0;
