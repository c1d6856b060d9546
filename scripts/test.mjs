// Runs the suites one after another: those with sockets and processes get the two cores to themselves. Says what it skips
// and why; with CI=true a skip is a failure. Arguments: names of suites, then whatever vitest takes after `--`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingPrograms } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SUITES = ["unit", "contract", "e2e", "e2e-influx", "browser", "chaos", "chaos-influx"];

const split = process.argv.indexOf("--");
const named = process.argv.slice(2, split < 0 ? undefined : split);
const passOn = split < 0 ? [] : process.argv.slice(split + 1);
const unknown = named.filter((name) => !SUITES.includes(name));
if (unknown.length) {
  console.error(`no suite is called ${unknown.join(", ")}; there are ${SUITES.join(", ")}`);
  process.exit(1);
}

const missing = missingPrograms();
for (const program of missing)
  console.log(
    `skipped: ${program.suites}: ${program.name} is not installed (apt-get install ${program.package})`,
  );
const corpus = process.env.HASHWATT_CORPUS;
if (!corpus) console.log("skipped: the captures: HASHWATT_CORPUS does not name a folder of them");
else if (!existsSync(corpus)) {
  console.error(`HASHWATT_CORPUS is ${corpus}, which does not exist; correct or unset it`);
  process.exit(1);
}
if (missing.length && process.env.CI === "true") {
  console.error("CI=true: nothing may be skipped; `npm run verify` installs what is missing");
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "hashwatt-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (const suite of SUITES) {
  if (named.length && !named.includes(suite)) continue;
  const report = join(folder, `${suite}.json`);
  const startedMs = Date.now();
  const run = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--project",
      suite,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...passOn,
    ],
    { cwd: root, stdio: "inherit" },
  );
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  let result = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  if (existsSync(report)) result = JSON.parse(readFileSync(report, "utf8"));
  // A file that does not load, or an error outside a test, fails the run without a failed test.
  const failed = result.numFailedTests || (run.status === 0 ? 0 : 1);
  const skipped = result.numPendingTests + result.numTodoTests;
  total.passed += result.numPassedTests;
  total.failed += failed;
  total.skipped += skipped;
  lines.push(
    `${suite.padEnd(12)} ${result.numPassedTests} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
  );
  for (const file of result.testResults)
    for (const test of file.assertionResults)
      if (test.status === "failed") lines.push(`  failed: ${test.fullName}`);
      else if (test.status === "pending" || test.status === "skipped")
        lines.push(`  skipped: ${test.fullName}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${lines.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
const onlyCaptures = !lines.some((line) => line.startsWith("  skipped:") && !/captures/i.test(line));
if (total.failed || (process.env.CI === "true" && !onlyCaptures)) process.exit(1);
