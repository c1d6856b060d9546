import { readFileSync } from "node:fs";
import { startFleet } from "@hashwatt/simulator/listener";
import { fakeClock } from "@hashwatt/simulator/time";
import { expect, test } from "vitest";

// docs/simulator.md shows what follows, word by word.
test("a rig whose fan stops is too hot within three minutes, and mines again when the fan turns", async () => {
  const fleet = await startFleet({
    rigs: 12,
    seed: 1,
    base: "127.88.0.1",
    port: 0,
    scenario: "fan-failure",
    set: { "fan-failure.rigs": "rack-1/3", "fan-failure.for": "10m" },
    clock: fakeClock(),
  });
  const { address } = fleet.addresses[2]!;
  const rig = fleet.rig(address);

  fleet.advance(4 * 60_000);
  expect(rig.state().phase).toBe("stopped");
  // What your own reader would be told at `address` and the port that the system chose:
  expect(rig.ask('{"command":"summary","cmd":"summary"}').toString()).toContain('"STATUS"');

  fleet.advance(20 * 60_000);
  expect(rig.state()).toMatchObject({ phase: "mining", load: 1 });
  await fleet.close();
});

test("the page shows this example as it is", () => {
  const [, shown] = /\n(test\("a rig whose fan[\s\S]*?)```/.exec(
    readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8"),
  ) ?? ["", ""];
  const [, own] = /word by word\.\n([\s\S]*?\n}\);\n)/.exec(
    readFileSync(new URL(import.meta.url), "utf8"),
  ) ?? ["", "-"];
  expect(shown).toBe(own);
});
