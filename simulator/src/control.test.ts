import { afterEach, describe, expect, test } from "vitest";
import { command, controlPlace, startControl } from "./control.js";
import { type Fleet, startFleet } from "./listener.js";
import { fakeClock, systemClock } from "./time.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const START_MS = Date.UTC(2026, 6, 20, 4);

async function controlled(): Promise<{
  fleet: Fleet;
  say: (words: Record<string, unknown>) => ReturnType<typeof command>;
}> {
  const fleet = await startFleet({
    rigs: 12,
    seed: "c",
    port: 0,
    base: "127.78.0.1",
    incidents: false,
    clock: fakeClock(START_MS),
  });
  const control = await startControl(fleet, { address: "127.78.0.1", port: 0 }, systemClock);
  open.push(fleet, control);
  const place = { address: "127.78.0.1", port: control.port };
  return { fleet, say: (words) => command(place, words, systemClock) };
}

const rigAt = (fleet: Fleet, index: number) =>
  fleet.rig(fleet.addresses[index]!.address, fleet.addresses[index]!.port);

describe("a running fleet", () => {
  test("breaks a fan when it is told, says what goes on, and mends it", async () => {
    const { fleet, say } = await controlled();
    expect(await say({ do: "fan-stop", rigs: "rack-1/3", for: "20m", fan: "1" })).toEqual({
      ok: true,
      says: "fan-stop to 1 rig, id 1",
    });
    fleet.advance(60_000);
    expect(rigAt(fleet, 2).state().fansRpm[0]).toBe(0);
    expect(rigAt(fleet, 3).state().fansRpm[0]).toBeGreaterThan(0);
    expect(await say({ show: true })).toEqual({
      ok: true,
      says: "what is going on",
      incidents: [
        { id: 1, does: "fan-stop", rigs: 1, beginsInMs: 0 - 60_000, endsInMs: 19 * 60_000, with: { fan: 1 } },
      ],
    });
    expect(await say({ end: 1 })).toEqual({ ok: true, says: "1 has ended" });
    fleet.advance(60_000);
    expect(rigAt(fleet, 2).state().fansRpm[0]).toBeGreaterThan(0);
    expect(await say({ show: true })).toMatchObject({ incidents: [] });
  });

  test("tells every rig as it is now, with what was done to it", async () => {
    const { fleet, say } = await controlled();
    await say({ do: "sleep", rigs: "rack-1/3" });
    fleet.advance(60_000);
    const reply = await say({ list: true });
    const rigs = reply.ok ? (reply.rigs ?? []) : [];
    expect(rigs).toHaveLength(12);
    const { identity } = fleet.states()[0]!;
    const state = fleet.listed()[0]!.state;
    expect(rigs[0]).toMatchObject({
      ...fleet.addresses[0],
      make: identity.model.make,
      model: identity.model.model,
      firmware: identity.model.firmware,
      family: identity.model.build.family,
      state: { phase: "mining", hashrateThs: state.hashrateThs, powerW: state.powerW },
    });
    expect(rigs[2]?.state).toMatchObject({ phase: "sleeping", hashrateThs: 0 });
  });

  test("says how many of the rigs have the part that is meant", async () => {
    const { fleet, say } = await controlled();
    const having = fleet.states().filter(({ identity }) => identity.model.fanCount >= 4).length;
    expect(await say({ do: "fan-stop", fan: 4, at: "+5m" })).toEqual({
      ok: true,
      says: `fan-stop to ${having} of 12 rigs in 5m, the others have no fan 4, id 1`,
    });
    expect(await say({ show: true })).toMatchObject({ incidents: [{ rigs: having, lacking: 12 - having }] });
    expect(await say({ do: "fan-stop", fan: 9 })).toEqual({
      ok: false,
      says: "fan: 9 is not allowed here: the rigs have 2 to 4 fans",
    });
  });

  test("tells what is true of a rig, whatever its gauges show and a test dictates", async () => {
    const { fleet, say } = await controlled();
    fleet.advance(60_000);
    const shown = rigAt(fleet, 0).state();
    rigAt(fleet, 0).override({ hashrateThs: 1, chipTempC: 99 });
    const reply = await say({ list: true });
    const { state } = (reply.ok ? reply.rigs : undefined)![0]!;
    expect(state.hashrateThs / shown.hashrateThs).toBeCloseTo(1, 1);
    // Gauges scatter about it.
    expect(state.hashrateThs).not.toBe(shown.hashrateThs);
    expect(state.boards.map(({ chipTempC }) => chipTempC)).toEqual(
      shown.boards.map(({ chipTempC }) => chipTempC),
    );
  });

  test("tells the firmware that a rig has been updated to, once it has", async () => {
    const { fleet, say } = await controlled();
    const firmwares = async () => {
      const reply = await say({ list: true });
      return (reply.ok ? (reply.rigs ?? []) : []).map(({ firmware }) => firmware);
    };
    const before = await firmwares();
    await say({ do: "firmware", rigs: "rack-1/3", for: "4m", version: "2027.1" });
    expect(await firmwares()).toEqual(before);
    fleet.advance(5 * 60_000);
    expect(await firmwares()).toEqual(before.map((version, i) => (i === 2 ? "2027.1" : version)));
    expect(fleet.states()[2]?.identity.model.firmware).toBe("2027.1");
  });

  test("does at a time of its own day what it is told to", async () => {
    const { fleet, say } = await controlled();
    expect(await say({ do: "sleep", at: "04:30" })).toEqual({
      ok: true,
      says: "sleep to 12 rigs in 30m, id 1",
    });
    fleet.advance(29 * 60_000);
    expect(rigAt(fleet, 0).state().phase).toBe("mining");
    fleet.advance(2 * 60_000);
    expect(rigAt(fleet, 0).state().phase).toBe("sleeping");
  });

  test.each([
    [{ do: "fan-stpo" }, 'do: "fan-stpo" is not known: did you mean "fan-stop"?'],
    [{ do: "constructor" }, 'do: "constructor" is not known'],
    [{ do: "__proto__" }, 'do: "__proto__" is not known'],
    [{ do: "fan-stop", rigs: "rack-8/*" }, 'rigs: "rack-8/*" names no rig of this fleet'],
    [{ do: "fan-stop", fan: "many" }, 'fan: "many" is not allowed; allowed: a whole number from 0 to 16'],
    [{ do: "fan-stop", rigs: "0%" }, 'rigs: "0%" is no share of a fleet; allowed: more than 0% to 100%'],
    [{ end: 9 }, "nothing with the id 9 is going on"],
    [{ end: "" }, 'end: say what ends, like "end id=3"; "show" lists the ids'],
    [{}, "do: say what is done"],
  ])("refuses %j in words that help", async (words, says) => {
    const { say } = await controlled();
    expect(await say(words)).toMatchObject({ ok: false, says: expect.stringContaining(says) });
  });
});

test("nobody there is told, with the options that say where", async () => {
  await expect(
    command({ address: "127.78.0.99", port: 4029 }, { show: true }, systemClock),
  ).rejects.toMatchObject({
    code: "no-control",
    message: expect.stringContaining("--control-port"),
  });
});

test("commands are taken after the last port of the fleet unless a port is given", () => {
  const fleet = { base: "127.10.0.1", port: 4028, rigs: 48 };
  expect(controlPlace(fleet, "per-address")).toEqual({ address: "127.10.0.1", port: 4029 });
  expect(controlPlace(fleet, "per-port")).toEqual({ address: "127.0.0.1", port: 4076 });
  expect(controlPlace({ ...fleet, controlPort: 5000 }, "wildcard")).toEqual({
    address: "127.10.0.1",
    port: 5000,
  });
  expect(controlPlace({ ...fleet, controlPort: false }, "wildcard")).toBeUndefined();
});
