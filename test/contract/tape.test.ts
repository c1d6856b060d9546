import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRigLinks } from "@hashwatt/agent/links/rigLinks";
import type { Heard } from "@hashwatt/agent/links/tap";
import { newLogins } from "@hashwatt/agent/logins";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession, type RigSession } from "@hashwatt/agent/rigSession";
import { ownersDisk } from "@hashwatt/agent/tape/folder";
import { startRecorder } from "@hashwatt/agent/tape/recorder";
import { toSample } from "@hashwatt/agent/toSample";
import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { captureSchema, readCaptures } from "@hashwatt/simulator/captures/captureFile";
import { serveCaptures } from "@hashwatt/simulator/captures/serveCaptures";
import { startFleet } from "@hashwatt/simulator/listener";
import { type ReplayedRig, startReplay } from "@hashwatt/simulator/tapes/replay";
import { openTape } from "@hashwatt/simulator/tapes/tape";
import { bodyOf } from "@hashwatt/simulator/tapes/tapeFile";
import { type Clock, systemClock as simulatorClock } from "@hashwatt/simulator/time";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";

const CORPUS = process.env.HASHWATT_CORPUS;
const CLOSED = 1;
const log = pino({ level: "silent" });
const FOREVER = new AbortController().signal;
const VERSION = "1.2.3";
const PASSWORD = "a-password-of-its-own";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-tape-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Place {
  address: string;
  port?: number;
  httpPort?: number;
  v3Port?: number;
}

const sessionOf = ({ address, port, httpPort, v3Port }: Place): RigSession =>
  newRigSession(address, port ?? CLOSED, { httpPort: httpPort ?? CLOSED, v3Port: v3Port ?? CLOSED });

/** What the agent makes of a rig, or the reason why there is nothing; less what differs by the clock. */
async function sampleOf(session: RigSession, links: ReturnType<typeof openRigLinks>): Promise<object> {
  try {
    const { reading } = await readRig(session, links, systemClock, true);
    const { atMs: _at, pollMs: _poll, ...sample } = toSample("rig", reading, 0, 5_000, 0);
    return { ...sample, evidence: { ...session.facts, notes: undefined } };
  } catch (error) {
    return { failed: (error as { code?: string }).code };
  }
}

const logins = () => newLogins([{ username: "root", password: { reveal: () => PASSWORD } as never }], false);

/** Reads all rigs `rounds` times while a tape is recorded. */
async function record(places: readonly Place[], rounds: number, own = logins()) {
  const recorder = startRecorder({ folder, clock: systemClock, log, version: VERSION });
  const links = openRigLinks(systemClock, {}, new AbortController().signal, own, [], recorder);
  const sessions = places.map(sessionOf);
  const read: { untilMs: number; samples: object[] }[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const samples = [];
      for (const session of sessions) samples.push(await sampleOf(session, links));
      // The tape counts from its first ms on its own; a few more part the rounds whatever the rounding.
      await systemClock.sleep(10, FOREVER);
      read.push({ untilMs: systemClock.nowMs(), samples });
      await systemClock.sleep(10, FOREVER);
    }
  } finally {
    links.close();
    await recorder.close();
  }
  return { read, stats: recorder.stats() };
}
const placeOf = (before: Place, rigs: readonly ReplayedRig[]): Place => {
  const rig = rigs.find(({ recordedAt }) => recordedAt === before.address);
  const portOf = (port: number | undefined) => (port === undefined ? undefined : rig?.ports[port]);
  const [port, httpPort, v3Port] = [portOf(before.port), portOf(before.httpPort), portOf(before.v3Port)];
  return {
    address: rig?.address ?? before.address,
    ...(port !== undefined && { port }),
    ...(httpPort !== undefined && { httpPort }),
    ...(v3Port !== undefined && { v3Port }),
  };
};

/** Replays the tape, and reads it at each of the moments at which it was recorded. */
async function replayed(places: readonly Place[], moments: readonly number[], own = logins()) {
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, after: simulatorClock.after };
  const replay = await startReplay({ folder, port: 0, clock });
  const links = openRigLinks(systemClock, {}, new AbortController().signal, own);
  const sessions = places.map((place) => sessionOf(placeOf(place, replay.rigs)));
  const read: object[][] = [];
  try {
    for (const atMs of moments) {
      nowMs = atMs - replay.fromMs;
      const samples = [];
      for (const session of sessions) samples.push(await sampleOf(session, links));
      read.push(samples);
    }
  } finally {
    links.close();
    await replay.close();
  }
  return read;
}

test("a recorded fleet that is replayed gives the same samples at the same times", async () => {
  const fleet = await startFleet({
    ...{ rigs: 6, seed: 5, port: 0, base: "127.86.0.1", speed: 400 },
    incidents: { offline: 1, sleeping: 1, "missing-board": 1 },
  });
  const places = fleet.addresses.map(({ address, port }) => ({ address, port }));
  let recorded: Awaited<ReturnType<typeof record>>;
  try {
    recorded = await record(places, 3);
  } finally {
    await fleet.close();
  }
  expect(recorded.stats.lost).toBe(0);
  expect(recorded.read[0]?.samples).not.toEqual(recorded.read[1]?.samples);
  const moments = recorded.read.map(({ untilMs }) => untilMs);
  expect(await replayed(places, moments)).toEqual(recorded.read.map(({ samples }) => samples));
});

test("web interfaces behind a login and frames of API 3 are replayed, and no password or token is on the tape", async () => {
  const served = await serveCaptures(
    [
      captureSchema.parse({
        id: "digest",
        transport: "cgminer-tcp+http",
        responses: {
          version: {
            STATUS: [
              { STATUS: "S", When: 1, Code: 22, Msg: "CGMiner versions", Description: "cgminer 1.0.0" },
            ],
            VERSION: [
              { BMMiner: "1.0.0", API: "3.1", Miner: "49.0.1.3", CompileTime: "x", Type: "Antminer S19 Pro" },
            ],
            id: 1,
          },
        },
        http: {
          auth: { scheme: "digest", realm: "antMiner Configuration", username: "root", password: PASSWORD },
          routes: {
            "GET /cgi-bin/get_system_info.cgi": {
              minertype: "Antminer S19 Pro",
              macaddr: "02:00:00:00:00:07",
            },
          },
        },
      }),
      captureSchema.parse({
        id: "v3",
        transport: "whatsminer-v3-tcp",
        responses: {
          "get.device.info": {
            code: 0,
            when: 1,
            msg: { miner: { type: "M60S_VK30" }, system: { fwversion: "20240408.21.REL", api: "3.0.1" } },
            desc: "get.device.info",
          },
        },
      }),
    ],
    "127.87.0.1",
    { port: 0, httpPort: 0, v3Port: 0 },
  );
  let recorded: Awaited<ReturnType<typeof record>>;
  try {
    recorded = await record(served.rigs, 2);
  } finally {
    await served.close();
  }
  const moments = recorded.read.map(({ untilMs }) => untilMs);
  expect(await replayed(served.rigs, moments)).toEqual(recorded.read.map(({ samples }) => samples));
  const tape = openTape(folder);
  const text = tape.blocks.map((block) => bodyOf(block)?.toString("latin1")).join("");
  expect(text).toContain("get_system_info.cgi");
  expect(text).toContain("get.device.info");
  expect(text).toMatch(/WWW-Authenticate: Digest/i);
  expect(text).not.toMatch(/\r\nauthorization|response=/i);
  expect(text).not.toContain(PASSWORD);
});

const heard = (n: number, more: Partial<Heard> = {}): Heard => ({
  address: "192.0.2.7",
  port: 4028,
  over: "tcp",
  request: '{"command":"summary"}',
  startedMs: n * 2_000,
  tookMs: 5,
  outcome: "answered",
  pieces: [Buffer.from(`{"n":${n}}\0`)],
  ...more,
});

/** A tape of `blocks` blocks with one exchange each. */
async function tapeOf(blocks: number, more: Partial<Heard> = {}) {
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const recorder = startRecorder({ folder, clock, log, version: VERSION });
  for (let n = 0; n < blocks; n++) {
    recorder.heard(heard(n, more));
    await clock.advance(2_000);
  }
  await recorder.close();
  return join(folder, readdirSync(folder).sort()[0]!);
}

test("a torn end of a tape loses its last block alone, and noise in the midst what it lies on", async () => {
  const path = await tapeOf(5);
  expect(openTape(folder)).toMatchObject({ exchanges: 5, damagedBytes: 0 });
  truncateSync(path, statSync(path).size - 7);
  expect(openTape(folder).exchanges).toBe(4);
  // A block that comes behind the torn one is found again.
  appendFileSync(path, readFileSync(path).subarray(0, openTape(folder).blocks[1]!.offset));
  const tape = openTape(folder);
  expect(tape.exchanges).toBe(5);
  expect(tape.damagedBytes).toBeGreaterThan(0);
});

test("a tape is for its owner's eyes, and of a login it keeps neither the question nor what it gave out", async () => {
  const path = await tapeOf(1, {
    over: "http",
    request: "POST /api/v1/auth/login",
    secrecy: "login",
    status: 200,
    headers: ["Set-Cookie", "session=abcdef; Path=/", "X-Auth-Token", "abcdef", "Server", "lighttpd"],
    pieces: [Buffer.from('{"token":"abcdef","timeout_s":3600}')],
  });
  expect(statSync(path).mode & 0o077).toBe(0);
  const text = openTape(folder)
    .blocks.map((block) => bodyOf(block)?.toString("latin1"))
    .join("");
  expect(text).not.toContain("abcdef");
  expect(text).toContain("Set-Cookie: session=x; Path=/\r\n");
  expect(text).toContain("Server: lighttpd");
  expect(text).toContain('{"token":"x","timeout_s":3600}');
});

test("a full disk costs what does not fit, says so, and the tape goes on behind it", async () => {
  let isFull = false;
  const disk = {
    ...ownersDisk,
    write(fd: number, bytes: Buffer, at: number) {
      if (!isFull) return ownersDisk.write(fd, bytes, at);
      ownersDisk.write(fd, bytes.subarray(0, at + 10), at);
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    },
  };
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const recorder = startRecorder({ folder, clock, log, version: VERSION, disk });
  for (let n = 0; n < 3; n++) {
    recorder.heard(heard(n));
    await clock.advance(2_000);
    await expect.poll(() => recorder.stats().exchanges + recorder.stats().lost).toBe(n + 1);
    isFull = n === 0;
  }
  await recorder.close();
  expect(recorder.stats()).toMatchObject({ exchanges: 2, lost: 1 });
  expect(openTape(folder)).toMatchObject({ exchanges: 2, damagedBytes: 0 });
});

test("a tape keeps to its bound: old files go, the one in which rigs were met stays", async () => {
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const recorder = startRecorder({ folder, clock, log, version: VERSION, fileMs: 3_000, maxBytes: 1_200 });
  for (let n = 0; n < 40; n++) {
    recorder.heard(heard(n));
    await clock.advance(2_000);
    await expect.poll(() => recorder.stats().exchanges).toBe(n + 1);
  }
  await recorder.close();
  const names = readdirSync(folder).sort();
  expect(names[0]).toMatch(/-000001\.hwtape$/);
  expect(names[1]).not.toMatch(/-000002\.hwtape$/);
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(1_200);
  expect(recorder.stats().exchanges).toBe(40);
});

// The captures of real rigs stay outside the project; scripts/test.mjs says so when they are not there.
if (CORPUS !== undefined && existsSync(CORPUS))
  test("every captured rig that is recorded reads the same from the tape", async () => {
    const served = await serveCaptures(readCaptures(CORPUS), "127.88.0.1", {
      port: 0,
      httpPort: 0,
      v3Port: 0,
    });
    let recorded: Awaited<ReturnType<typeof record>>;
    try {
      recorded = await record(served.rigs, 1, newLogins([], true));
    } finally {
      await served.close();
    }
    const [first] = recorded.read;
    const [again] = await replayed(served.rigs, [first!.untilMs], newLogins([], true));
    expect(first!.samples.filter((sample) => !("failed" in sample)).length).toBeGreaterThan(20);
    for (const [i, sample] of first!.samples.entries())
      expect({ id: served.rigs[i]!.capture.id, ...again![i] }).toEqual({
        id: served.rigs[i]!.capture.id,
        ...sample,
      });
  });
