import { expect, test } from "vitest";
import { firstToAccept } from "./knock.js";
import { startFleet } from "./listener.js";
import { systemClock } from "./time.js";

test("a fleet is home as long as one of its rigs is, and not when it has gone", async () => {
  const fleet = await startFleet({ rigs: 3, seed: 1, port: 0, base: "127.10.44.1" });
  const places = [...fleet.addresses];
  await fleet.rig(places[0]!.address, places[0]!.port).setOffline(true);
  await expect(firstToAccept(places, systemClock)).resolves.toEqual(places[1]);
  await fleet.close();
  await expect(firstToAccept(places, systemClock)).rejects.toMatchObject({
    code: "nobody-home",
    message: expect.stringContaining(
      `no simulated rig accepts connections at 127.10.44.1:${places[0]!.port}`,
    ),
  });
});
