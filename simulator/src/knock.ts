import { connect } from "node:net";
import type { RigAddress } from "./addresses.js";
import { SimulatorError } from "./errors.js";
import type { Clock } from "./time.js";

const KNOCK_MS = 1_000;

/** The first of the places, in their order, where something accepts a connection. Throws `nobody-home`. */
export async function firstToAccept(places: readonly RigAddress[], clock: Clock): Promise<RigAddress> {
  for (const place of places) if (await accepts(place, clock)) return place;
  const shown = places.map(({ address, port }) => `${address}:${port}`).join(", ");
  throw new SimulatorError(
    "nobody-home",
    `no simulated rig accepts connections at ${shown}: start the fleet with the same options`,
  );
}

function accepts({ address, port }: RigAddress, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const settle = (answer: boolean) => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.after(KNOCK_MS, () => settle(false));
    socket.on("connect", () => settle(true));
    socket.on("error", () => settle(false));
  });
}
