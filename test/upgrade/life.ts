import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/ports.js";
import { type Program, startProgram } from "../support/program.js";
import type { Timeline } from "../support/timeline.js";
import { until } from "../support/wait.js";
import { Lab, type Message } from "./lab.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Sites of the fixture: one invented, so that alerts about money fire on a dated hashprice, and one that is not. */
export const sitesAt = (price: number) => [
  {
    ...{ site: "north", name: "North hall", zone: "Asia/Shanghai", currency: "CNY", fxPerUsd: 7.1 },
    ...{ price, gridRegion: "CN-SD", demo: true },
  },
  { site: "south", name: "South hall", zone: "Europe/Berlin", currency: "EUR", price: 0.21 },
];

/** What a life left behind. */
export interface Remains {
  messages: Message[];
  endMs: number;
}

/**
 * An hour and a half in the life of the built programs of `checkout`, ended by kill -9: leaves `server/`, `hall-1/` and `hall-2/`
 * in `folder`. hall-1 has a stream that is acknowledged in part and one that is not at all; hall-2 was killed before it had
 * noted the newest acks; the write-ahead logs are not written into their files.
 */
export async function live(checkout: string, folder: string, time: Timeline): Promise<Remains> {
  const [httpPort, mqttPort, rigPort] = [await freePort(), await freePort(), await freePort()];
  const url = `mqtt://127.0.0.1:${mqttPort}`;
  const start = (name: string, args: string[]): Program =>
    startProgram(process.execPath, [...time.nodeArgs, join(checkout, name, "dist/main.js"), ...args]);
  const config = (name: string, value: object): string => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  mkdirSync(folder, { recursive: true });

  const fleet = ["--rigs", "16", "--seed", "41", "--port", `${rigPort}`, "--base", "127.71.0.1"];
  const simulate = async (): Promise<Program> => {
    const program = start("simulator", ["run", ...fleet]);
    await program.waitFor("simulating");
    return program;
  };
  let simulator = await simulate();
  const rigs = Array.from({ length: 16 }, (_, n) => ({ address: `127.71.0.${n + 1}:${rigPort}` }));

  const serve = async (price: number): Promise<Program> => {
    const path = config("server", {
      http: { host: "127.0.0.1", port: httpPort },
      broker: { embedded: { host: "127.0.0.1", port: mqttPort } },
      store: { kind: "duckdb", dataDir: join(folder, "server") },
      sites: sitesAt(price),
      // Nobody listens there: what is to be told waits in the state file.
      webhook: "http://127.0.0.1:9/hook",
      publishRigState: true,
    });
    const program = start("server", ["run", "--config", path]);
    await program.waitFor('"msg":"listening"', 60_000);
    return program;
  };
  const watch = (agent: string, site: string, share: typeof rigs, intervalMs: number): Program =>
    start("agent", [
      "run",
      "--config",
      config(agent, {
        ...{ site, agent, broker: { url }, dataDir: join(folder, agent), intervalMs, rigs: share },
        spool: { segmentBytes: 65_536 },
      }),
    ]);

  let server = await serve(0.55);
  const lab = await Lab.join(url);
  let first = watch("hall-1", "north", rigs.slice(0, 12), 20 * SECOND);
  const second = watch("hall-2", "south", rigs.slice(12), 10 * SECOND);
  const bench = (seq: number, from: number, more: object = {}) =>
    lab.say({ stream: "labstream", seq, first: from, nowMs: time.nowMs(), ...more });

  await time.until(2 * MINUTE);
  await bench(1, 1, { evidence: {} });
  await bench(2, 1);
  await time.until(4 * MINUTE);
  // Batches 3 and 4 are gone for ever; 9 comes before its turn; another rig stands in the same place.
  await bench(5, 5);
  await bench(9, 6);
  await time.until(6 * MINUTE);
  await bench(6, 6, { evidence: { pools: [{ url: "stratum+tcp://other.example:3333", user: "other.7" }] } });
  await lab.say({ stream: "labresumed", seq: 7, first: 7, nowMs: time.nowMs(), evidence: {} });
  await lab.say({ stream: "lablate", seq: 1, first: 1, nowMs: time.nowMs(), live: false, atMs: 9e11 });

  // The whole farm goes dark, and comes back: alerts that have ended.
  await time.until(8 * MINUTE);
  await simulator.stop();
  await time.pass(7 * MINUTE);
  simulator = await simulate();

  await time.until(20 * MINUTE);
  await server.stop();
  await time.pass(30 * SECOND);
  server = await serve(0.6);

  // Over midnight and an hour after the server's start: an hour is closed and compacted, the state is exported.
  await time.until(86 * MINUTE);
  const position = () =>
    JSON.parse(readFileSync(join(folder, "hall-2/spool/position.json"), "utf8")) as {
      floors: Record<string, number>;
    };
  await until(
    "hall-2 lags behind with noting acks",
    () =>
      Object.entries(position().floors).some(([stream, floor]) => (lab.acked.get(stream) ?? 0) > floor + 2),
    60_000,
    1,
  );
  second.signal("SIGKILL");
  await second.exit;
  await time.pass(5 * SECOND);
  server.signal("SIGKILL");
  await server.exit;
  await time.pass(90 * SECOND);
  first.signal("SIGKILL");
  await first.exit;
  first = watch("hall-1", "north", rigs.slice(0, 12), 20 * SECOND);
  await time.pass(60 * SECOND);
  first.signal("SIGKILL");
  await first.exit;
  const endMs = time.nowMs();
  await lab.leave();
  await simulator.stop();
  return { messages: lab.messages, endMs };
}

/** A copy of what was left, to look into: opening a data folder writes to it. */
export function copied(from: string, to: string): string {
  cpSync(from, to, { recursive: true });
  return to;
}
