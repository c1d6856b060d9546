import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { consecutiveAddresses, layOut } from "./addresses.js";
import { SimulatorError } from "./errors.js";
import { type Fleet, type FleetOptions, type RigHandle, startFleet } from "./listener.js";
import { fakeClock } from "./time.js";

const fleets: Fleet[] = [];
afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()));
});

async function fleetOf(options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const fleet = await startFleet({
    rigs: 12,
    seed: "s",
    port: 0,
    base: "127.77.0.1",
    clock: fakeClock(),
    ...options,
  });
  fleets.push(fleet);
  return fleet;
}

/** Sends one request and resolves with all that comes until the peer closes. */
function say(
  where: { address: string; port: number },
  request: string,
  keep?: (socket: Socket) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(where.port, where.address, () => {
      if (request !== "") socket.write(request);
    });
    keep?.(socket);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")));
    socket.on("error", reject);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into at will
const json = (reply: string): any => JSON.parse(reply.split("\0", 1)[0] as string);
const SUMMARY = '{"command":"summary","cmd":"summary"}';

function rigs(fleet: Fleet): RigHandle[] {
  return fleet.addresses.map(({ address, port }) => fleet.rig(address, port));
}

function find(fleet: Fleet, wanted: (rig: RigHandle) => boolean): RigHandle {
  const rig = rigs(fleet).find(wanted);
  if (rig === undefined) throw new Error("no such rig in this fleet");
  return rig;
}

const isSound = (rig: RigHandle) => rig.identity.incident === undefined;

test("each rig answers one request on an address of its own and closes", async () => {
  const fleet = await fleetOf({ incidents: false });
  expect(fleet.layout).toBe("per-address");
  expect(new Set(fleet.addresses.map(({ address }) => address)).size).toBe(12);
  const replies = await Promise.all(fleet.addresses.map((where) => say(where, SUMMARY)));
  for (const reply of replies) expect(json(reply).SUMMARY).toHaveLength(1);
});

test("the same seed on the same clock gives the same bytes, after a while too", async () => {
  const told = async () => {
    const clock = fakeClock();
    const fleet = await fleetOf({ clock, incidents: false });
    const replies: string[] = [];
    for (const elapsedMs of [0, 5000, 65_000]) {
      clock.advance(elapsedMs);
      replies.push(...(await Promise.all(fleet.addresses.map((where) => say(where, SUMMARY)))));
    }
    await fleet.close();
    return replies;
  };
  expect(await told()).toEqual(await told());
});

test("speed lets the fleet's time run faster than the clock", async () => {
  const clock = fakeClock();
  const fleet = await fleetOf({ clock, speed: 60, incidents: false });
  const rig = rigs(fleet)[0]!;
  const before = rig.state().elapsedMs;
  clock.advance(10_000);
  expect(rig.state().elapsedMs - before).toBe(600_000);
});

test("an offline rig refuses the connection, and answers when it is back", async () => {
  const fleet = await fleetOf();
  const rig = find(fleet, ({ identity }) => identity.incident === "offline");
  await expect(say(rig, SUMMARY)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await rig.setOffline(false);
  expect(json(await say(rig, SUMMARY)).SUMMARY).toHaveLength(1);
  await rig.setOffline(true);
  await expect(say(rig, SUMMARY)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a slow rig answers after two seconds and not before", async () => {
  const clock = fakeClock();
  const fleet = await fleetOf({ clock });
  const slow = find(fleet, ({ identity }) => identity.incident === "slow");
  const sound = find(fleet, isSound);
  const startMs = clock.nowMs();
  let answeredMs: number | undefined;
  fleet.onAnswer((address, _command, atMs) => {
    if (address === slow.address) answeredMs = atMs;
  });
  const reply = say(slow, SUMMARY);
  // A round trip to another rig between the moves gives the slow one the chance to read, and to answer too early.
  while (answeredMs === undefined) {
    await say(sound, SUMMARY);
    clock.advance(100);
  }
  expect(answeredMs - startMs).toBeGreaterThanOrEqual(2000);
  expect(json(await reply).STATUS).toBeDefined();
});

describe("one connection at a time", () => {
  test("the others wait for their turn and are all answered", async () => {
    const fleet = await fleetOf({ incidents: false });
    const where = fleet.addresses[0]!;
    const replies = await Promise.all(Array.from({ length: 20 }, () => say(where, SUMMARY)));
    for (const reply of replies) expect(json(reply).SUMMARY).toHaveLength(1);
  });

  test("a connection that says nothing keeps the rig busy until it is cut", async () => {
    const clock = fakeClock();
    const fleet = await fleetOf({ clock, incidents: false });
    const where = fleet.addresses[0]!;
    let silent: Socket | undefined;
    const cut = say(where, "", (socket) => {
      silent = socket;
    });
    cut.catch(() => {});
    await new Promise((resolve) => silent?.once("connect", resolve));
    let answered = false;
    const waiting = say(where, SUMMARY).then((reply) => {
      answered = true;
      return reply;
    });
    await say(fleet.addresses[1]!, SUMMARY);
    expect(answered).toBe(false);
    clock.advance(10_000);
    expect(json(await waiting).SUMMARY).toHaveLength(1);
    await expect(cut).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

test("a request in two pieces is judged by its first piece", async () => {
  const fleet = await fleetOf({ incidents: false });
  const antminer = find(fleet, ({ identity }) => identity.model.model === "Antminer S19 Pro");
  const reply = await say(antminer, '{"command":"sum', (socket) =>
    socket.once("data", () => socket.write('mary"}')),
  );
  expect(json(reply).STATUS[0].Code).toBe(23);
});

test("a request of more than 4,095 bytes is E 23", async () => {
  const fleet = await fleetOf({ incidents: false });
  const antminer = find(fleet, ({ identity }) => identity.model.model === "Antminer S19 Pro");
  expect(json(await say(antminer, `{"command":"summary","pad":"${"x".repeat(4096)}"}`)).STATUS[0].Code).toBe(
    23,
  );
});

test("a peer that hangs up without a word is told, in text, that this is no command", async () => {
  const fleet = await fleetOf({ incidents: false });
  const antminer = find(fleet, ({ identity }) => identity.model.model === "Antminer S19 Pro");
  const reply = await say(antminer, "", (socket) => socket.once("connect", () => socket.end()));
  expect(reply).toMatch(/^STATUS=E,When=\d+,Code=14,Msg=Invalid command\|\0$/);
});

test("more than 256 rigs share one listener that tells them apart by their address", async () => {
  const fleet = await fleetOf({ rigs: 600, incidents: false });
  expect(fleet.layout).toBe("wildcard");
  expect(new Set(fleet.addresses.map(({ port }) => port)).size).toBe(1);
  for (const index of [0, 1, 253, 254, 599]) {
    const { address, port } = fleet.addresses[index]!;
    const rig = fleet.rig(address);
    rig.override({ hashrateThs: 50 + index / 100 });
    const row = json(await say({ address, port }, SUMMARY)).SUMMARY[0];
    const ths = row["HS RT"] === undefined ? Number(row["GHS 5s"]) / 1000 : row["HS RT"] / 1e6;
    expect(ths).toBeCloseTo(50 + index / 100, 3);
  }
  // An address of 127/8 where no rig is: nobody there.
  await expect(say({ address: "127.99.0.1", port: fleet.addresses[0]!.port }, SUMMARY)).rejects.toMatchObject(
    { code: "ECONNRESET" },
  );
  const first = fleet.rig(fleet.addresses[0]!.address);
  await first.setOffline(true);
  await expect(say(first, SUMMARY)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("where only 127.0.0.1 is routable, each rig has a port", async () => {
  const fleet = await fleetOf({ layout: "per-port", incidents: false });
  expect(new Set(fleet.addresses.map(({ address }) => address))).toEqual(new Set(["127.0.0.1"]));
  expect(new Set(fleet.addresses.map(({ port }) => port)).size).toBe(12);
  for (const where of fleet.addresses) expect(json(await say(where, SUMMARY)).SUMMARY).toHaveLength(1);
  expect(layOut("per-port", 3, "127.10.0.1", 5000).map(({ port }) => port)).toEqual([5000, 5001, 5002]);
});

test("a forced value is in the next answer, and the answer is announced with its time", async () => {
  const clock = fakeClock();
  const fleet = await fleetOf({ clock, incidents: false });
  const rig = find(fleet, ({ identity }) => identity.model.model === "Antminer S19 Pro");
  const heard: unknown[][] = [];
  const end = fleet.onAnswer((...answer) => heard.push(answer));
  rig.override({ chipTempC: 92 });
  rig.setHashrateThs(101.25);
  const stats = json(await say(rig, '{"command":"stats"}')).STATS[1];
  expect(Math.max(stats.temp2_1, stats.temp2_2, stats.temp2_3)).toBe(92);
  expect(stats["GHS 5s"]).toBeCloseTo(101_250, 1);
  expect(heard).toEqual([[rig.address, "stats", clock.nowMs(), rig.port]]);
  end();
  await say(rig, SUMMARY);
  expect(heard).toHaveLength(1);
  expect(fleet.states().find(({ address }) => address === rig.address)?.state.hashrateThs).toBe(101.25);
});

test("a busy port is named, and no socket stays open", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.77.0.3", resolve));
  const { port } = holder.address() as { port: number };
  const failure = await startFleet({ rigs: 5, seed: 1, base: "127.77.0.1", port }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(SimulatorError);
  expect(failure).toMatchObject({
    code: "port-busy",
    retryable: true,
    message: expect.stringContaining(`127.77.0.3:${port}`),
  });
  await expect(say({ address: "127.77.0.1", port }, SUMMARY)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await new Promise((resolve) => holder.close(resolve));
});

test("an aborted signal closes the fleet, connections in flight included", async () => {
  const abort = new AbortController();
  const fleet = await fleetOf({ signal: abort.signal, incidents: false });
  const where = fleet.addresses[0]!;
  let held: Socket | undefined;
  const inFlight = say(where, "", (socket) => {
    held = socket;
  });
  await new Promise((resolve) => held?.once("connect", resolve));
  abort.abort();
  await fleet.close();
  await inFlight.catch(() => {});
  await expect(say(where, SUMMARY)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("addresses skip what ends in 0 or 255, and must stay in 127/8", () => {
  expect(consecutiveAddresses("127.10.0.253", 4)).toEqual([
    "127.10.0.253",
    "127.10.0.254",
    "127.10.1.1",
    "127.10.1.2",
  ]);
  expect(() => consecutiveAddresses("127.255.255.250", 10)).toThrow(/leave 127/);
  expect(() => consecutiveAddresses("10.0.0.1", 1)).toThrow(/not a loopback address/);
});
