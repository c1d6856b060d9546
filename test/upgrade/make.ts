// `npm run fixture`: lets the built programs of this checkout live for an hour and a half of their own time (five minutes of ours),
// kills them and keeps what they leave as `test/fixtures/<version>.tar.br`, with what they themselves make of it. Every later
// version must open it and lose nothing. `--checkout DIR` makes it of another checkout, built there; `--speed N` 20 unless given.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { freePort } from "../support/ports.js";
import { root, startProgram } from "../support/program.js";
import { Timeline } from "../support/timeline.js";
import { type Expected, pack } from "./archive.js";
import { contentsOf, questions, spooledIn } from "./contents.js";
import { copied, live, sitesAt } from "./life.js";

const { values } = parseArgs({
  options: { checkout: { type: "string" }, speed: { type: "string", default: "20" } },
});
const checkout = resolve(values.checkout ?? root);
const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string };
const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: checkout, encoding: "utf8" }).trim();
/** A module of the checkout, as it was built there. */
const built = (path: string): Promise<Record<string, unknown>> =>
  import(pathToFileURL(join(checkout, path)).href) as Promise<Record<string, unknown>>;

const work = mkdtempSync(join(tmpdir(), "hashwatt-fixture-"));
const left = join(work, "left");
const DAY_MS = 86_400_000;
// Ten past eleven in the evening before yesterday, UTC, so that midnight lies within.
const startMs = Math.floor(Date.now() / DAY_MS - 1) * DAY_MS - 50 * 60_000;

try {
  console.log(`the programs of ${version} live for some five minutes`);
  const { messages, endMs } = await live(checkout, left, new Timeline(startMs, Number(values.speed)));
  for (const file of ["hashwatt.duckdb.wal", "telemetry.duckdb.wal"])
    if (!existsSync(join(left, "server", file)) || statSync(join(left, "server", file)).size < 1_000)
      throw new Error(`${file} holds nothing: the kill came after a checkpoint; try again`);

  const spoolCode = await built("agent/dist/spool/record.js");
  const parse = spoolCode.parseRecords as Parameters<typeof spooledIn>[1];
  const spools = Object.fromEntries(
    ["hall-1", "hall-2"].map((agent) => [agent, spooledIn(join(left, agent, "spool"), parse)]),
  );
  const { openStores } = (await built("server/dist/store/registry.js")) as unknown as {
    openStores: typeof import("@hashwatt/server/store/registry").openStores;
  };
  const dataDir = copied(join(left, "server"), join(work, "read"));
  const stores = await openStores({ dataDir, kind: "duckdb", clock: { nowMs: () => endMs } });
  if (stores.reports.length) throw new Error(`damage: ${stores.reports.join("; ")}`);
  const contents = await contentsOf(stores);
  await stores.close();
  const answers = await ask(
    questions([1, 2, 3, 5, 8, 13, 14, 17], ["north", "south"], endMs),
    copied(join(left, "server"), join(work, "asked")),
    endMs,
  );

  const expected: Expected = {
    ...{ version, commit, startMs, endMs, contents, spools, answers, messages },
  };
  check(expected);
  for (const name of ["server", "hall-1", "hall-2"]) rmSync(join(left, `${name}.yaml`), { force: true });
  execFileSync(
    process.execPath,
    [join(root, "scripts/pack-agent.mjs"), "--checkout", checkout, "--minify", "--out", work],
    { stdio: "inherit" },
  );
  cpSync(join(work, "hashwatt-agent"), join(left, "agent"), { recursive: true });
  writeFileSync(join(left, "expected.json"), JSON.stringify(expected));
  const path = pack(version, left);
  console.log(`${path}: ${Math.round(statSync(path).size / 1000)} kB`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** What the server of the checkout answers over a data folder that it takes up a second after the end. */
async function ask(paths: string[], dataDir: string, endMs: number): Promise<Expected["answers"]> {
  const port = await freePort();
  const config = join(work, "asked.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      http: { port },
      broker: "off",
      store: { dataDir },
      sites: sitesAt(0.6),
      webhook: "http://127.0.0.1:9/hook",
    }),
  );
  const server = startProgram(process.execPath, [
    ...new Timeline(endMs + 1_000, 1).nodeArgs,
    ...[join(checkout, "server/dist/main.js"), "run", "--config", config],
  ]);
  await server.waitFor('"msg":"listening"', 60_000);
  const answers: Expected["answers"] = {};
  for (const path of paths) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    answers[path] = (await answer.json()) as Expected["answers"][string];
  }
  await server.stop();
  return answers;
}

/** A fixture that lacks what it is for would prove nothing. */
function check({ contents, spools, messages, answers }: Expected): void {
  const has = (what: string, holds: boolean) => {
    if (!holds) throw new Error(`the fixture has no ${what}`);
  };
  for (const rule of ["overheating", "offline", "unprofitable"])
    has(
      `${rule} alert`,
      contents.alerts.some((alert) => alert.rule === rule && alert.firedMs !== null),
    );
  has(
    "ended alert",
    contents.alerts.some(({ state }) => state === "resolved"),
  );
  for (const kind of ["batches-lost", "exported"])
    has(
      `event ${kind}`,
      contents.events.some((event) => event.kind === kind),
    );
  has("waiting notification", contents.notifications.length > 0);
  has("second price", contents.tariffs.length > 2);
  has("hourly row", contents.rollups[3_600_000]![0] >= 16);
  has(
    "lost batch",
    contents.marks.some(({ lost }) => lost > 0),
  );
  const [partly, none] = [
    spools["hall-1"]!.filter(({ floor }) => floor > 0),
    spools["hall-1"]!.filter(({ floor }) => floor === 0),
  ];
  has(
    "stream that is acknowledged in part",
    partly.some(({ floor, last }) => floor < last),
  );
  has("stream that is not acknowledged", none.length > 0);
  const marks = new Map(contents.marks.map(({ stream, seq }) => [stream, seq]));
  has(
    "ack that its agent had not noted",
    spools["hall-2"]!.some(({ stream, floor }) => (marks.get(stream) ?? 0) > floor),
  );
  for (const kind of ["batch", "ack", "status", "info"])
    has(
      `message ${kind}`,
      messages.some(({ topic }) => topic.endsWith(`/${kind}`)),
    );
  has(
    "answer with values",
    Object.values(answers).every((answer) => !("tMs" in answer) || answer.tMs.length > 0),
  );
}
