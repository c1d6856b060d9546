import { get as ask, type ClientRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@hashwatt/protocol/time";
import Fastify, { type FastifyInstance } from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApiParts } from "../apiParts.js";
import { metricsRoutes } from "./metrics.js";

const PIECE = `${"hashwatt_rigs 1\n".repeat(4_000)}`;

describe("readers of the metrics", () => {
  const clock = fakeClock(0);
  let app: FastifyInstance;
  let port: number;
  let made: number;
  let ended: number;
  const requests: ClientRequest[] = [];

  beforeEach(async () => {
    [made, ended] = [0, 0];
    requests.length = 0;
    app = Fastify({ forceCloseConnections: true });
    app.setValidatorCompiler(validatorCompiler);
    const metrics = async function* () {
      try {
        // More than any buffer between here and a reader holds.
        for (let i = 0; i < 1_000; i++, made++) yield PIECE;
      } finally {
        ended++;
      }
    };
    metricsRoutes(app, { metrics, clock, log: pino({ level: "silent" }) } as unknown as ApiParts);
    await app.listen({ host: "127.0.0.1", port: 0 });
    ({ port } = app.server.address() as AddressInfo);
  });
  afterEach(async () => {
    for (const request of requests) request.destroy();
    await app.close();
  });

  /** Asks, and reads nothing of the answer yet. */
  const open = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = ask({ host: "127.0.0.1", port, path: "/metrics", agent: false }, (answer) => {
        answer.on("error", () => undefined);
        resolve(answer);
      });
      request.on("error", reject);
      requests.push(request);
    });
  const turns = async (is: () => boolean) => {
    for (const end = Date.now() + 10_000; !is() && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(is()).toBe(true);
  };

  test("are four at once; a fifth is told to come again, until one has gone or was too slow", async () => {
    const answers = await Promise.all([open(), open(), open(), open()]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
    const fifth = await open();
    expect(fifth).toMatchObject({ statusCode: 503, headers: { "retry-after": "10" } });
    fifth.resume();

    requests[0]!.destroy();
    await turns(() => ended === 1);
    expect((await open()).statusCode).toBe(200);

    await clock.advance(60_000);
    await turns(() => ended === 5);
    expect((await open()).statusCode).toBe(200);
    expect(made).toBeLessThan(1_000);
    expect(clock.pending).toBe(1);
  });

  test("who only ask for the headers have nothing made for them", async () => {
    for (let i = 0; i < 6; i++) {
      const answer = await app.inject({ method: "HEAD", url: "/metrics" });
      expect(answer).toMatchObject({ statusCode: 200, headers: { "cache-control": "no-store" } });
      expect(answer.headers["content-length"]).toBeUndefined();
    }
    expect(made).toBe(0);
  });
});
