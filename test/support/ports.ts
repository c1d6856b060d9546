import { createServer } from "node:net";

/** Below the ports that the system gives to outgoing connections: a poll of a rig must not sit on a server's port by chance. */
const RANGE = { first: 20_000, count: 12_000 };
const given = new Set<number>();

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });

/** A TCP port on 127.0.0.1 that nothing listens on now, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = RANGE.first + Math.floor(Math.random() * RANGE.count);
    if (given.has(port) || !(await canListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port from ${RANGE.first} on`);
}
