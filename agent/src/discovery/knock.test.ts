import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, describe, expect, test } from "vitest";
import { knockTcp } from "./knock.js";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Keeps this process from looking at its sockets. */
function beBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("a knock", () => {
  test("is answered by who accepted in time, although this process was too busy to see it", async () => {
    const server = createServer((socket) => socket.on("error", () => {}));
    servers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const answers = Array.from({ length: 20 }, () => knockTcp("127.0.0.1", port, 30, systemClock));
    beBusy(150);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["open"]));
  });

  test("is refused where nobody listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    expect(await knockTcp("127.0.0.1", port, 1_000, systemClock)).toBe("refused");
  });
});
