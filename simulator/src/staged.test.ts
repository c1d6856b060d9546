import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type Fleet, type FleetOptions, startFleet } from "./listener.js";
import { fakeClock } from "./time.js";

const fleets: Fleet[] = [];
afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()));
});

const START_MS = Date.UTC(2026, 6, 20, 4);

async function fleetOf(options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const given = { rigs: 12, seed: "s", port: 0, base: "127.79.0.1", clock: fakeClock(START_MS) };
  const fleet = await startFleet({ ...given, scenario: "steady", ...options });
  fleets.push(fleet);
  return fleet;
}

/** What comes back on a socket; "refused" when it is reset, "silent" when nothing has come after a while. */
function said(fleet: Fleet, index: number, request: string): Promise<string> {
  const { address, port } = fleet.addresses[index]!;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, address, () => socket.write(request));
    socket.setTimeout(400, () => {
      socket.destroy();
      resolve("silent");
    });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")));
    socket.on("error", () => resolve("refused"));
  });
}

const SUMMARY = '{"command":"summary","cmd":"summary"}';
// biome-ignore lint/suspicious/noExplicitAny: replies are looked into at will
const json = (reply: string): any => JSON.parse(reply.split("\0", 1)[0] as string);

test("the network of a scenario is that of the sockets: refused, silent, late, damaged", async () => {
  const fleet = await fleetOf();
  expect(json(await said(fleet, 0, SUMMARY)).SUMMARY).toHaveLength(1);
  fleet.happen({ do: "offline", rigs: "rack-1/1", for: "5m" });
  fleet.happen({ do: "partition", rigs: "rack-1/2", for: "5m" });
  fleet.happen({ do: "garbled", rigs: "rack-1/3", share: 1 });
  fleet.happen({ do: "slow", rigs: "rack-1/4", by: "3s" });
  expect(await said(fleet, 0, SUMMARY)).toBe("refused");
  expect(await said(fleet, 1, SUMMARY)).toBe("silent");
  const damaged = await said(fleet, 2, SUMMARY);
  expect(damaged).not.toBe(fleet.rig(fleet.addresses[3]!.address).ask(SUMMARY).toString("latin1"));
  expect(() => json(damaged).SUMMARY[0].Elapsed.toFixed()).toThrow();
  expect(await said(fleet, 3, SUMMARY)).toBe("silent");
  fleet.advance(6 * 60_000);
  expect(json(await said(fleet, 0, SUMMARY)).SUMMARY).toHaveLength(1);
  expect(json(await said(fleet, 1, SUMMARY)).SUMMARY).toHaveLength(1);
});

test("a rig without power is not there, nor while its system starts, and then it is", async () => {
  const fleet = await fleetOf();
  fleet.happen({ do: "power-off", rigs: "rack-1/1", for: "2m" });
  fleet.advance(30_000);
  expect(await said(fleet, 0, SUMMARY)).toBe("refused");
  fleet.advance(95_000);
  expect(await said(fleet, 0, SUMMARY)).toBe("refused");
  fleet.advance(60_000);
  expect(json(await said(fleet, 0, SUMMARY)).SUMMARY).toHaveLength(1);
});

test("a rig whose clock is wrong says so in its answers, and one with new firmware its version", async () => {
  const fleet = await fleetOf();
  const asked = (index: number, command: string) =>
    json(
      fleet
        .rig(fleet.addresses[index]!.address, fleet.addresses[index]!.port)
        .ask(`{"command":"${command}","cmd":"${command}"}`)
        .toString("latin1"),
    );
  const antminer = fleet.states().findIndex(({ identity }) => identity.model.model === "Antminer S19 Pro");
  const rig = `rack-1/${antminer + 1}`;
  fleet.happen({ do: "clock", rigs: rig, ahead: 3600 });
  expect(asked(antminer, "summary").STATUS[0].When).toBe(START_MS / 1000 + 3600);
  const { Miner } = asked(antminer, "version").VERSION[0];
  fleet.happen({ do: "firmware", rigs: rig, for: "4m", version: "Fri Nov 27 10:00:00 CST 2026" });
  fleet.advance(6 * 60_000);
  expect(asked(antminer, "version").VERSION[0]).toMatchObject({
    Miner,
    CompileTime: "Fri Nov 27 10:00:00 CST 2026",
  });
});

test("the same seed, scenario and time give the same bytes, faster or slower", async () => {
  const told = async (speed: number) => {
    const clock = fakeClock(START_MS);
    const fleet = await fleetOf({ clock, speed, scenario: "bad-tuesday", startMs: START_MS });
    clock.advance((20 * 60_000) / speed);
    const replies = fleet.addresses.map(({ address, port }) =>
      fleet.rig(address, port).ask(SUMMARY).toString("latin1"),
    );
    await fleet.close();
    return replies;
  };
  expect(await told(60)).toEqual(await told(1));
});

test("with a scenario a fleet has no incidents but the scenario's, unless they are asked for", async () => {
  const states = (await fleetOf()).states();
  expect(states.every(({ identity }) => identity.incident === undefined)).toBe(true);
  const both = (await fleetOf({ incidents: true, base: "127.79.1.1" })).states();
  expect(both.filter(({ identity }) => identity.incident !== undefined)).toHaveLength(5);
});
