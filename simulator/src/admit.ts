import type { Socket } from "node:net";
import type { Clock } from "./time.js";
import type { Network } from "./world.js";

/** Longer than any reader waits. */
const GIVES_UP_MS = 60_000;
/** Connections on which nothing is said any more. */
const swallowed = new WeakSet<Socket>();

/** Goes on with a connection that the network lets through; resets one that is refused, and swallows one that is silent. */
export function admit(socket: Socket, met: Network["reach"], clock: Clock, goOn: () => void): void {
  if (socket.destroyed || swallowed.has(socket)) return;
  switch (met) {
    case "up":
      goOn();
      break;
    case "silent":
      swallow(socket, clock);
      break;
    case "refused":
      socket.on("error", () => {});
      socket.resetAndDestroy();
      break;
  }
}

/** Never says a word to a connection, until the peer gives up or this does. */
function swallow(socket: Socket, clock: Clock): void {
  swallowed.add(socket);
  socket.on("error", () => {});
  const timer = clock.after(GIVES_UP_MS, () => socket.destroy());
  socket.once("close", () => timer.cancel());
  // Read, so that the end of the peer is noticed, and thrown away.
  socket.on("data", () => {});
  socket.once("end", () => socket.destroy());
}
