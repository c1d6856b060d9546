import { createServer } from "node:http";
import { type Clock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { expect, test } from "vitest";
import { unwellOf } from "../health.js";
import { Secret } from "../secret.js";
import { DeadMan } from "./deadMan.js";

test("the dead-man URL is called every minute while the server is well, and never while it is not", async () => {
  let [calls, status] = [0, 200];
  const server = createServer((_request, response) => {
    calls++;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const time = fakeClock(0);
  // The minutes are told, the calls are real.
  const clock: Clock = { ...time, deadline: systemClock.deadline };
  const said: string[] = [];
  let why: string | undefined;
  const deadMan = new DeadMan({
    url: new Secret(`http://127.0.0.1:${port}/s3cret`),
    everyMs: 60_000,
    unwell: () => why,
    clock,
    log: pino({ level: "info" }, { write: (line) => said.push(line) }),
  });
  await time.advance(59_999);
  expect(calls).toBe(0);
  for (const minute of [1, 2]) {
    await time.advance(minute === 1 ? 1 : 60_000);
    await expect.poll(() => deadMan.calls).toBe(minute);
  }
  why = "the store does not work (no room)";
  for (let minute = 0; minute < 5; minute++) await time.advance(60_000);
  expect(calls).toBe(2);
  expect(deadMan.problem).toBe("not called: the store does not work (no room)");
  why = undefined;
  status = 500;
  await time.advance(60_000);
  await expect.poll(() => deadMan.problem).toBe("the receiver answered 500");
  status = 204;
  await time.advance(60_000);
  await expect.poll(() => deadMan.problem).toBeUndefined();
  deadMan[Symbol.dispose]();
  await time.advance(600_000);
  expect(calls).toBe(4);
  // Each state is logged once, without the address.
  expect(said).toHaveLength(3);
  expect(said.join()).not.toContain("s3cret");
  server.close();
});

test("a server is not well whose store or broker is away, or that hears none of its rigs", () => {
  const ok = { ok: true, note: "" };
  const up = { isUp: true, problem: undefined };
  const fleet = { size: 3, newestMs: 1_000 };
  expect(unwellOf(ok, up, fleet, 0, 2_000)).toBeUndefined();
  expect(unwellOf({ ok: false, note: "full" }, up, fleet, 0, 2_000)).toContain("store");
  expect(unwellOf(ok, { isUp: false, problem: "refused" }, fleet, 0, 2_000)).toContain("no broker (refused)");
  expect(unwellOf(ok, up, fleet, 0, 400_000)).toContain("no reading");
  expect(unwellOf(ok, up, fleet, 399_000, 400_000)).toBeUndefined();
  expect(unwellOf(ok, up, { ...fleet, size: 0 }, 0, 400_000)).toBeUndefined();
  expect(unwellOf(ok, undefined, fleet, 0, 400_000)).toBeUndefined();
});
