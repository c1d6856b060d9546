import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { configSchema } from "./config/schema.js";
import { START, startIngest } from "./fixtures/startIngest.js";
import { type RunningServer, startServer } from "./server.js";

/** Comparing its length with a number throws, and JSON can say it. */
const TRAP = { length: { toString: 1 } };

describe("an object in the place of a text", () => {
  let server: RunningServer;
  beforeAll(async () => {
    const config = configSchema.parse({ http: { port: 0 }, broker: "off", store: { kind: "memory" } });
    server = await startServer(config, "0.1.0", systemClock, pino({ level: "silent" }));
  });
  afterAll(() => server.close());

  test("is refused in a body as a bad request", async () => {
    const answer = await fetch(`${server.url}/api/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ password: TRAP }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "badRequest", field: "body" });
  });

  test("is refused in a live frame, whose sender goes on", async () => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/live`);
    const frames: { t: string }[] = [];
    const heard = (t: string) =>
      new Promise<void>((resolve) =>
        socket.on("message", (data) => {
          const frame = JSON.parse(String(data)) as { t: string };
          frames.push(frame);
          if (frame.t === t) resolve();
        }),
      );
    await new Promise((resolve) => socket.once("open", resolve));
    const refused = heard("error");
    socket.send(JSON.stringify({ op: "subscribe", channel: "fleet", from: { epoch: TRAP, seq: 1 } }));
    await refused;
    const shown = heard("snap");
    socket.send(JSON.stringify({ op: "subscribe", channel: "fleet" }));
    await shown;
    socket.terminate();
    expect(frames.map(({ t }) => t)).toEqual(expect.arrayContaining(["error", "snap"]));
  });

  test("costs a batch the reading or the description that holds it, and nothing else", () => {
    const it = startIngest(fakeClock(START));
    const sample = { rig: "h1", atMs: START, intervalMs: 5_000, status: "mining" };
    const batch = {
      v: 1,
      stream: "s1",
      live: true,
      seq: 1,
      first: 1,
      boot: "b",
      monoMs: 1,
      sentMs: START,
      rigs: { h1: { address: "10.0.0.1" }, h2: { address: TRAP } },
      samples: [sample, { ...sample, pool: TRAP }, { ...sample, boards: TRAP }],
    };
    it.ingest.message(agentTopic("farm", "a1", "batch"), Buffer.from(JSON.stringify(batch)));
    expect(it.ingest.samples).toBe(1);
    expect(it.refusals.count("sample")).toBe(3);
    expect(it.refusals.count("internal")).toBe(0);
    it.ingest.message(
      agentTopic("farm", "a1", "batch"),
      Buffer.from(JSON.stringify({ ...batch, samples: TRAP })),
    );
    it.ingest.message(
      agentTopic("farm", "a1", "status"),
      Buffer.from(JSON.stringify({ v: 1, state: "online", version: TRAP })),
    );
    expect(it.refusals.count("envelope")).toBe(1);
    expect(it.refusals.count("status")).toBe(1);
  });
});

describe("a text of an agent that is more than text", () => {
  test("is nothing but text behind the intake", () => {
    const it = startIngest(fakeClock(START));
    const batch = {
      v: 1,
      stream: "s1",
      live: true,
      seq: 1,
      first: 1,
      boot: "b",
      monoMs: 1,
      sentMs: START,
      rigs: {
        h1: {
          address: "10.0.0.1",
          model: "S19\u001b[2J\u202e",
          hostname: "\u200b",
          pools: [{ url: "stratum\r\n", user: "\u009b31mred" }],
          boardSerials: [{ slot: 1, serial: "\u2028x" }],
        },
      },
      samples: [
        {
          rig: "h1",
          atMs: START,
          intervalMs: 5_000,
          status: "fault",
          pool: "a\u0000b",
          faults: [{ code: "\u0007", text: "x\ny" }],
        },
      ],
    };
    it.ingest.message(agentTopic("farm", "a1", "batch"), Buffer.from(JSON.stringify(batch)));
    expect(it.identities.index.record(1)?.evidence).toEqual({
      address: "10.0.0.1",
      model: "S19 [2J",
      pools: [{ url: "stratum ", user: " 31mred" }],
      boardSerials: [{ slot: 1, serial: " x" }],
    });
    expect(it.fleet.view(1)?.reading).toMatchObject({ pool: "a b", faults: [{ code: " ", text: "x y" }] });
  });

  test("is written out where a refusal quotes it", () => {
    const it = startIngest(fakeClock(START));
    it.ingest.message("evil\u001b[2J\u202e/topic", Buffer.from("x"));
    expect(it.refusals.list()[0]?.last).toBe("no agent topic: evil\\u001b[2J\\u202e/topic");
  });
});
