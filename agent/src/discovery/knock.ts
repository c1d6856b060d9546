import { connect } from "node:net";
import { scheduler } from "node:timers/promises";
import type { Clock } from "@hashwatt/protocol/time";

/** What a port says: `refused`: a host is there; `silent`: nobody, or somebody who swallows packets; `busy`: this machine could not try. */
export type Knocked = "open" | "refused" | "silent" | "busy";

/** Tries a port of an address for at most `connectMs`. */
export type Knock = (address: string, port: number, connectMs: number, clock: Clock) => Promise<Knocked>;

/** Of this machine: too many open files, no port or no buffer left. */
const BUSY = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "EAGAIN"]);

/** Opens a TCP connection and closes it without a word, which every cgminer bears. */
export const knockTcp: Knock = (address, port, connectMs, clock) =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port });
    // What has arrived while this process was busy with others comes first: timers are looked at before sockets.
    const timer = clock.after(connectMs, () => void scheduler.yield().then(() => settle("silent")));
    const settle = (answer: Knocked) => {
      timer[Symbol.dispose]();
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => settle("open"));
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) =>
      settle(
        code === "ECONNREFUSED" || code === "ECONNRESET" ? "refused" : BUSY.has(code) ? "busy" : "silent",
      ),
    );
  });
