// Runs the suites some at a time, for much of their time is waiting for the real world; what one prints is shown when it has
// ended. Says what it skips and why; with CI=true a skip is a failure. Arguments: names of suites, then whatever
// vitest takes after `--`.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { missingPrograms } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** A suite begins as soon as there is room for it: the longest first, and those that mostly wait last. */
const SUITES = ["contract", "e2e", "unit", "browser", "fuzz", "chaos-influx", "e2e-influx", "chaos"];
/** What runs at a time, in suites; one that mostly waits for the real world takes half the room. */
const ROOM = 3;
const WAITING = ["chaos", "chaos-influx", "e2e-influx"];
/** Both start the whole product on its usual ports: not at the same time. */
const APART = ["e2e", "e2e-influx"];

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
const waiting = SUITES.filter((suite) => !named.length || named.includes(suite));
/** Alone, a suite shows what it does as it does it. */
const alone = waiting.length === 1;
const total = { passed: 0, failed: 0, skipped: 0 };
const linesOf = new Map();

/** Runs a suite of vitest; resolves with its exit code once all that it printed is shown. */
function runSuite(suite, report) {
  const child = spawn(
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
    { cwd: root, stdio: alone ? "inherit" : ["ignore", "pipe", "pipe"] },
  );
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => printed.push(chunk));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      process.stdout.write(Buffer.concat(printed));
      resolve(code);
    });
  });
}

async function report(suite) {
  const file = join(folder, `${suite}.json`);
  const startedMs = Date.now();
  if (!alone) console.log(`${suite} begins`);
  const code = await runSuite(suite, file);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  let result = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  if (existsSync(file)) result = JSON.parse(readFileSync(file, "utf8"));
  // A file that does not load, or an error outside a test, fails the run without a failed test.
  const failed = result.numFailedTests || (code === 0 ? 0 : 1);
  const skipped = result.numPendingTests + result.numTodoTests;
  total.passed += result.numPassedTests;
  total.failed += failed;
  total.skipped += skipped;
  const lines = [
    `${suite.padEnd(12)} ${result.numPassedTests} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
  ];
  for (const { assertionResults } of result.testResults)
    for (const test of assertionResults)
      if (test.status === "failed") {
        lines.push(`  failed: ${test.fullName}`);
        // Why stands beside it: of a long log one may have the end alone.
        const why = stripVTControlCharacters(test.failureMessages?.[0] ?? "");
        for (const line of why.split("\n").slice(0, 6)) lines.push(`          ${line.slice(0, 400)}`);
      } else if (test.status === "pending" || test.status === "skipped")
        lines.push(`  skipped: ${test.fullName}`);
  linesOf.set(suite, lines);
}

const running = new Set();
const roomOf = (suite) => (WAITING.includes(suite) ? 0.5 : 1);
const fits = (suite) =>
  [...running].reduce((sum, other) => sum + roomOf(other), roomOf(suite)) <= ROOM &&
  !(APART.includes(suite) && APART.some((other) => running.has(other)));
await new Promise((done) => {
  const begin = () => {
    for (let at = waiting.findIndex(fits); at >= 0; at = waiting.findIndex(fits)) {
      const [suite] = waiting.splice(at, 1);
      running.add(suite);
      void report(suite).finally(() => {
        running.delete(suite);
        begin();
      });
    }
    if (!running.size) done();
  };
  begin();
});
const lines = SUITES.flatMap((suite) => linesOf.get(suite) ?? []);
rmSync(folder, { recursive: true, force: true });
console.log(`\n${lines.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
const onlyCaptures = !lines.some((line) => line.startsWith("  skipped:") && !/captures/i.test(line));
if (total.failed || (process.env.CI === "true" && !onlyCaptures)) process.exit(1);
