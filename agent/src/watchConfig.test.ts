import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyRigs, keysForRestart } from "./applyConfig.js";
import { type AgentConfig, loadConfig } from "./config.js";
import { toHandle } from "./toSample.js";
import { watchConfig } from "./watchConfig.js";
import type { RigTarget } from "./watchFleet.js";

let folder: string;
let file: string;
let clock: FakeClock;
let taken: AgentConfig[];
let logged: { msg: string; reason?: string; level: number }[];
let watching: Disposable;

const write = (text: string) => writeFileSync(file, text);
/** Lets the file be looked at until something is true; each look reads the real disk. */
async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !what(); i++) {
    await clock.advance(1_000);
    await new Promise((turn) => setImmediate(turn));
  }
  expect(what()).toBe(true);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-config-"));
  file = join(folder, "agent.yaml");
  clock = fakeClock(0);
  taken = [];
  logged = [];
  write("rigs: [{ address: 10.0.0.1 }]\n");
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  watching = watchConfig(file, loadConfig(file, {}), {
    load: () => loadConfig(file, {}),
    apply: (config) => taken.push(config),
    clock,
    log,
  });
  // The first look is what later ones are compared with.
  for (let i = 0; i < 50; i++) await new Promise((turn) => setImmediate(turn));
});
afterEach(() => {
  watching[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("a config file that is edited while the agent runs", () => {
  it("is taken up, and is not when nothing changes", async () => {
    write("rigs: [{ address: 10.0.0.1 }, { address: 10.0.0.2 }]\n");
    await until(() => taken.length === 1);
    expect(taken[0]!.rigs.map(({ address }) => address)).toEqual(["10.0.0.1", "10.0.0.2"]);
    for (let i = 0; i < 20; i++) await clock.advance(1_000);
    expect(taken).toHaveLength(1);
  });

  it("keeps the former one when it is broken or gone, says so in one line, and goes on when it is mended", async () => {
    write("rigs: [{ address: 10.0.0.1 }]\nexlude: [10.0.0.9]\n");
    await until(() => logged.length === 1);
    expect(logged[0]).toMatchObject({
      level: 40,
      msg: "config not taken, the former one goes on",
      reason: expect.stringMatching(/agent\.yaml: .*exlude.*did you mean exclude\?/),
    });
    expect(logged[0]!.reason).not.toContain("\n");
    for (let i = 0; i < 20; i++) await clock.advance(1_000);
    rmSync(file);
    await until(() => logged.length === 2);
    expect(taken).toEqual([]);
    write("ranges: [{ range: 10.0.0.0/24 }]\n");
    await until(() => taken.length === 1);
    expect(taken[0]!.ranges[0]!.range).toBe("10.0.0.0/24");
  });

  it("is read again when a file with a password of its rigs changes", async () => {
    const secret = join(folder, "password");
    writeFileSync(secret, "one\n");
    write(`logins: [{ username: root, passwordFile: ${secret} }]\n`);
    await until(() => taken.length === 1);
    writeFileSync(secret, "another\n");
    await until(() => taken.length === 2);
    expect(taken.map(({ logins }) => logins[0]!.password!.reveal())).toEqual(["one", "another"]);
  });
});

describe("what a changed config does to the fleet", () => {
  const fleetOf = (targets: RigTarget[]) => {
    const rigs = new Map(targets.map((target) => [toHandle(target.address, target.port), target]));
    const done: string[] = [];
    return {
      done,
      rigs,
      fleet: {
        add(target: RigTarget) {
          const handle = toHandle(target.address, target.port);
          if (rigs.has(handle)) return false;
          rigs.set(handle, target);
          done.push(`+${handle}`);
          return true;
        },
        remove(address: string, port: number) {
          rigs.delete(toHandle(address, port));
          done.push(`-${toHandle(address, port)}`);
        },
        pollEvery: (address: string, port: number, ms?: number) =>
          void done.push(`${toHandle(address, port)} ${ms}`),
        targets: () => [...rigs.values()],
      },
    };
  };
  const rig = (address: string, rest: Partial<RigTarget> = {}): RigTarget => ({
    address,
    port: 4028,
    ...rest,
  });
  const config = (text: string) => {
    const path = join(folder, "other.yaml");
    writeFileSync(path, text);
    return loadConfig(path, {});
  };

  it("only rigs that it is about come, go or change; what a range found stays in it", () => {
    const { fleet, done } = fleetOf([
      rig("10.0.0.1"),
      rig("10.0.0.2"),
      rig("10.0.1.7"),
      rig("10.0.1.8"),
      rig("10.0.9.9"),
    ]);
    const told = `
rigs: [{ address: 10.0.0.1, intervalMs: 2000 }, { address: 10.0.0.3 }]
ranges: [{ range: 10.0.1.0/24 }]
exclude: [10.0.1.8, 10.0.0.3]
`;
    expect(applyRigs(config(told), fleet)).toEqual({ added: 1, removed: 3 });
    expect(done).toEqual(["10-0-0-1 2000", "-10-0-0-2", "-10-0-1-8", "-10-0-9-9", "+10-0-0-3"]);
  });

  it("another port of its web interface makes a rig be asked anew", () => {
    const { fleet, done, rigs } = fleetOf([rig("10.0.0.1")]);
    expect(applyRigs(config("rigs: [{ address: 10.0.0.1, httpPort: 81 }]"), fleet)).toEqual({
      added: 0,
      removed: 0,
    });
    expect(done).toEqual(["-10-0-0-1", "+10-0-0-1"]);
    expect(rigs.get("10-0-0-1")).toMatchObject({ httpPort: 81 });
  });

  it("keys that need a start are named, secrets among them", () => {
    const before = config("broker: { url: mqtt://127.0.0.1:1883, password: a }\n");
    expect(
      keysForRestart(
        before,
        config("broker: { url: mqtt://127.0.0.1:1883, password: b }\nsite: x\nexclude: [10.0.0.1]\n"),
      ),
    ).toEqual(["site", "broker"]);
    expect(keysForRestart(before, config("broker: { url: mqtt://127.0.0.1:1883, password: a }\n"))).toEqual(
      [],
    );
  });
});
