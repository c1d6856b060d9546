import { openRigLinks } from "@hashwatt/agent/links/rigLinks";
import { newLogins } from "@hashwatt/agent/logins";
import type { Reading } from "@hashwatt/agent/reading";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession } from "@hashwatt/agent/rigSession";
import { systemClock } from "@hashwatt/protocol/time";
import { stockOf } from "@hashwatt/simulator/families";
import { type Fleet, type RigSnapshot, startFleet } from "@hashwatt/simulator/listener";
import type { RigModel } from "@hashwatt/simulator/models";
import { fakeClock } from "@hashwatt/simulator/time";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Told, WORDS } from "./support/toldBySpeakers.js";

/** A port where nothing listens: what a rig does not have must not be found elsewhere on this machine. */
const CLOSED = 1;
const NOW_MS = Date.UTC(2026, 5, 1, 12);

/** The makers' own logins, which every new rig has. */
const LOGINS = newLogins([], true);

type Readings = Map<string, Reading | Error>;

let fleet: Fleet;
let readings: Readings;
let updated: Readings;
let asleep: Readings;
/** What a firmware says it runs after an update. */
const VERSION = "2027.3.1";
const snapshots = new Map<string, RigSnapshot>();

/** A model may be had with more than one firmware. */
const nameOf = ({ build, model }: RigModel): string => `${build.family}/${model}`;

/** Reads every rig of the fleet as the agent does that has never met it. */
async function readAll(): Promise<Readings> {
  const found: Readings = new Map();
  const links = openRigLinks(systemClock, { answerMs: 20_000 }, new AbortController().signal, LOGINS);
  const left = [...fleet.states()];
  const work = async () => {
    for (let rig = left.shift(); rig; rig = left.shift()) {
      const { httpPort = CLOSED, v3Port = CLOSED } = rig;
      const session = newRigSession(rig.address, rig.port || CLOSED, { httpPort, v3Port });
      found.set(
        nameOf(rig.identity.model),
        await readRig(session, links, systemClock, true).then(
          ({ reading }) => reading,
          (error: Error) => error,
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  links.close();
  return found;
}

/** One rig of every model of every family; time stands still, so that what was read is what is. */
beforeAll(async () => {
  const clock = fakeClock(NOW_MS);
  const stock = stockOf(["all"]);
  fleet = await startFleet({
    rigs: stock.length,
    seed: "speakers",
    families: ["all"],
    incidents: false,
    base: "127.83.0.1",
    port: 0,
    httpPort: 0,
    v3Port: 0,
    clock,
  });
  clock.advance(30_000);
  for (const rig of fleet.states()) snapshots.set(nameOf(rig.identity.model), rig);
  readings = await readAll();
  fleet.happen({ do: "sleep", for: "2m" });
  clock.advance(60_000);
  asleep = await readAll();
  fleet.happen({ do: "firmware", at: "+2m", for: "1m", version: VERSION });
  // Written, booted, and up to its full clock again.
  clock.advance(8 * 60_000);
  updated = await readAll();
});
afterAll(async () => await fleet.close());

const near = (got: number | undefined, want: number, tolerance: number) => {
  if (got === undefined || Math.abs(got - want) > tolerance)
    throw new Error(`${got}, and the state has ${want} (± ${tolerance})`);
};

/** Each field of a reading against the state; `off` is half of the firmware's last digit, relative for hashrates. */
const FIELDS: Record<string, (reading: Reading, rig: RigSnapshot, off: number, told: Told) => void> = {
  hashrateThs: (reading, { state }, off) =>
    near(reading.hashrateThs, state.hashrateThs, off * state.hashrateThs),
  powerW: (reading, { state }, off) => near(reading.powerW, state.powerW, off),
  inletTempC: (reading, { state }, off) => near(reading.inletTempC, state.inletTempC, off),
  boardTempC: (reading, { state }, off) =>
    near(reading.boardTempC, Math.max(...state.boards.map((board) => board.boardTempC)), off),
  chipTempC: (reading, { state }, off) =>
    near(reading.chipTempC, Math.max(...state.boards.map((board) => board.chipTempC)), off),
  fansRpm: (reading, { state }, off) => {
    expect(reading.fansRpm).toHaveLength(state.fansRpm.length);
    reading.fansRpm?.forEach((rpm, i) => {
      near(rpm, state.fansRpm[i] as number, off);
    });
  },
  boards: (reading, { state }) => expect(reading.boards).toHaveLength(state.boards.length),
  "boards.hashrateThs": (reading, { state }, off) =>
    state.boards.forEach((board, i) => {
      near(reading.boards?.[i]?.hashrateThs, board.hashrateThs, off * board.hashrateThs);
    }),
  "boards.boardTempC": (reading, { state }, off) =>
    state.boards.forEach((board, i) => {
      near(reading.boards?.[i]?.boardTempC, board.boardTempC, off);
    }),
  "boards.chipTempC": (reading, { state }, off) =>
    state.boards.forEach((board, i) => {
      near(reading.boards?.[i]?.chipTempC, board.chipTempC, off);
    }),
  "boards.chips": (reading, { identity }) => {
    for (const board of reading.boards ?? []) expect(board.chips).toBe(identity.model.chipsPerBoard);
  },
  shares: (reading, { state }) => {
    const said = reading.shares ?? reading.pools?.find(({ active }) => active);
    const { accepted, rejected } = state.shares;
    // What is taken for a fee is counted in smaller shares; the work in all of them is the rig's.
    if (reading.shares?.devFeeDiff !== undefined)
      expect(reading.shares).toMatchObject({ acceptedDiff: accepted * state.unit.poolDifficulty, rejected });
    else expect(said).toMatchObject({ accepted, rejected });
  },
  uptimeS: (reading, { state }, _off, { clock }) =>
    near(reading.uptimeS, (clock === "system" ? state.uptimeMs : state.elapsedMs) / 1000, 1),
  pool: (reading, { identity }) => {
    const pool = reading.pools?.find(({ active }) => active);
    expect(pool?.url).toMatch(/^(stratum\+tcp:\/\/)?pool\.example\.com:3333$/);
    expect(pool?.user).toBe(identity.worker);
  },
  mac: (reading, { identity }) => expect(reading.mac).toBe(identity.mac.toLowerCase()),
  hostname: (reading, { identity }) => expect(reading.hostname).toBe(identity.hostname),
  algo: (reading, { identity }) => expect(reading.algo).toBe(identity.model.algorithm ?? "SHA256"),
  make: (reading, { identity }) => expect(reading.make).toBe(identity.model.make),
  firmware: (reading, { identity }) => expect(reading.firmware).toContain(identity.model.firmware),
};

/** Half of the last digit of most firmwares: whole degrees, whole watts, five digits of a rate. */
const USUAL: Record<string, number> = {
  hashrateThs: 1e-4,
  "boards.hashrateThs": 1e-4,
  powerW: 0.51,
  inletTempC: 0.51,
  boardTempC: 0.51,
  chipTempC: 0.51,
  "boards.boardTempC": 0.51,
  "boards.chipTempC": 0.51,
  fansRpm: 0.51,
};

const absent = (reading: Reading, field: string): boolean => {
  const [first, second] = field.split(".") as [keyof Reading, string | undefined];
  // What the rig does not tell, the agent's own model fills in, and says so.
  if (field === "powerW") return ["model", "nameplate", undefined].includes(reading.powerSource);
  if (field === "pool") return !reading.pools?.some(({ active }) => active);
  if (second === undefined) return reading[first] === undefined;
  return (reading.boards ?? []).every((board) => board[second as keyof typeof board] === undefined);
};

test("VNish takes its fee out of what the rig finds, and says how much", () => {
  const takers = [...readings].filter(([name]) => name.startsWith("vnish"));
  expect(takers).not.toHaveLength(0);
  for (const [name, reading] of takers) {
    if (reading instanceof Error) throw reading;
    const { accepted } = (snapshots.get(name) as RigSnapshot).state.shares;
    const { acceptedDiff = 0, devFeeDiff = 0 } = reading.shares ?? {};
    near(devFeeDiff / acceptedDiff, 0.028, 1 / accepted);
  }
});

test("the way to the pool is told as it is, and only by firmwares that measure it", () => {
  const tell = new Set<string>();
  for (const [name, reading] of readings) {
    if (reading instanceof Error) continue;
    const latencyMs = reading.pools?.find(({ active }) => active)?.latencyMs;
    if (latencyMs === undefined) continue;
    const { state } = snapshots.get(name) as RigSnapshot;
    expect(latencyMs, name).toBe(state.pools[state.activePool]?.latencyMs);
    tell.add(reading.dialect!);
  }
  // VNish tells it on its web interface, by which it is read while its API is closed.
  expect([...tell].sort()).toEqual(["avalon", "epic"]);
});

test("what carries the heat of a rig in water away is told at both ends by Antminers, and once by WhatsMiners", () => {
  const told = (name: string) => {
    const reading = readings.get(name);
    if (reading === undefined || reading instanceof Error) throw reading;
    return { ...reading, state: (snapshots.get(name) as RigSnapshot).state };
  };
  for (const model of ["Antminer S21 Hyd.", "Antminer S21+ Hyd."]) {
    const { inletTempC, outletTempC, coolantTempC, state } = told(`antminer/${model}`);
    near(inletTempC, state.inletTempC, 0.51);
    near(outletTempC, state.outletTempC, 0.51);
    expect(coolantTempC).toBeUndefined();
  }
  const { coolantTempC, state } = told("whatsminer-v3/Whatsminer M63S++");
  near(coolantTempC, state.inletTempC, 0.051);
  // Neither is one that there is not.
  for (const [name, reading] of readings)
    if (!(reading instanceof Error) && !/Hyd|M63/.test(name))
      expect([reading.coolantTempC, reading.outletTempC], name).toEqual([undefined, undefined]);
});

describe.each(stockOf(["all"]).map((model) => [nameOf(model), model] as const))("%s", (name, model) => {
  const told = (WORDS as Record<string, Told | undefined>)[name] ?? WORDS[model.build.family];

  test("is read as what it is, and with the values that its state has", () => {
    const reading = readings.get(name);
    const rig = snapshots.get(name) as RigSnapshot;
    if (reading === undefined || reading instanceof Error) throw reading;
    expect(reading).toMatchObject({ dialect: told.dialect, status: "mining" });
    expect(reading.model).toBe(told.model === null ? undefined : (told.model ?? model.model));
    const wrong: string[] = [];
    for (const [field, check] of Object.entries(FIELDS)) {
      if (told.silent.includes(field)) {
        if (!absent(reading, field)) wrong.push(`${field} is told`);
        continue;
      }
      try {
        check(reading, rig, told.off?.[field] ?? USUAL[field] ?? 0, told);
      } catch (cause) {
        wrong.push(`${field}: ${(cause as Error).message}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("that was updated says its new version, and is known as what it was", () => {
    const [before, after] = [readings.get(name), updated.get(name)];
    if (after === undefined || after instanceof Error) throw after;
    const { dialect, make, model: named } = before as Reading;
    expect(after).toMatchObject({ dialect, ...(make && { make }), ...(named && { model: named }) });
    if (told.silent.includes("firmware")) expect(after.firmware).toBeUndefined();
    else expect(after.firmware).toContain(VERSION);
    expect((before as Reading).firmware ?? "").not.toContain(VERSION);
  });

  test("that was put to sleep says so, as far as its firmware does, and hashes nothing", () => {
    const reading = asleep.get(name);
    const state = reading === undefined || reading instanceof Error ? String(reading) : reading.status;
    expect(state).toMatch(told.asleep ?? /^sleeping$/);
    if (reading instanceof Error) return;
    expect(reading?.hashrateThs ?? 0).toBe(0);
  });
});
