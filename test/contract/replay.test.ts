import type { FleetColumns, Totals } from "@hashwatt/protocol/http";
import type { ServerFrame } from "@hashwatt/protocol/live";
import { type ReplayView, replayViewSchema } from "@hashwatt/protocol/replays";
import { systemClock } from "@hashwatt/protocol/time";
import { apiClient } from "@hashwatt/server/cli/apiClient";
import { replayCommand } from "@hashwatt/server/cli/replayCommand";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { askExactly } from "../support/toldHttp.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

describe("replays", () => {
  let server: ToldServer;
  let port: number;
  /** When the three readings were taken; 3,000, 3,100 and 3,200 W. */
  const times: number[] = [];

  const ask = async <T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; json: T }> => {
    const answer = await askExactly(port, method, path, { host: `127.0.0.1:${port}` }, body);
    return { status: answer.status, json: JSON.parse(answer.body) as T };
  };
  const start = async (speed = 1): Promise<ReplayView> => {
    const { status, json } = await ask("POST", "/api/replays", {
      from: times[0]! - 1,
      to: times[2]! + 5_000,
      speed,
    });
    expect(json).toMatchObject({ speed });
    expect(status).toBe(201);
    return replayViewSchema.parse(json);
  };
  const powerAt = async (path: string): Promise<unknown> => {
    const { json } = await ask<FleetColumns>("GET", path);
    return (json.columns.powerW as unknown[])[0];
  };
  /** Goes to a moment and stands there. */
  const standAt = async (id: string, at: number): Promise<void> => {
    await ask("PATCH", `/api/replays/${id}`, { playing: false, at });
    await until("the moment is loaded", async () => {
      const { json } = await ask<ReplayView>("GET", `/api/replays/${id}`);
      return json.ready;
    });
  };

  beforeAll(async () => {
    server = await startToldServer();
    port = Number(new URL(server.url).port);
    for (const powerW of [3_000, 3_100, 3_200]) {
      const { evidence, sample } = fullRig(1);
      const beforeMs = (await ask<Totals>("GET", "/api/totals")).json.serverMs;
      await server.tell([{ evidence, sample: { ...sample, powerW } }]);
      times.push(beforeMs);
      server.later(10_000);
    }
  });
  afterAll(() => server?.close());

  test("a replay shows the fleet as it was, goes where it is told, and leaves what is live alone", async () => {
    const before = (await ask<Totals>("GET", "/api/totals")).json;
    const { id } = await start();
    for (const [i, powerW] of [3_000, 3_100, 3_200, 3_000].entries()) {
      await standAt(id, times[i % 3]! + 4_000);
      expect(await powerAt(`/api/replays/${id}/fleet`)).toBe(powerW);
      const { json: totals } = await ask<Totals>("GET", `/api/replays/${id}/totals`);
      expect(totals).toMatchObject({ serverMs: times[i % 3]! + 4_000, fleet: { powerW, reporting: 1 } });
      const rig = await ask<{ sample: { powerW: number }; figures: { profitPerH: number | null } }>(
        "GET",
        `/api/replays/${id}/rigs/r1`,
      );
      expect(rig.json.sample.powerW).toBe(powerW);
      expect(rig.json.figures.profitPerH).not.toBeNull();
    }
    expect(await powerAt("/api/fleet")).toBe(3_200);
    const after = (await ask<Totals>("GET", "/api/totals")).json;
    expect({ ...after, serverMs: 0 }).toEqual({ ...before, serverMs: 0 });
    expect((await ask("DELETE", `/api/replays/${id}`)).status).toBe(200);
    expect((await ask("GET", `/api/replays/${id}/fleet`)).status).toBe(404);
  });

  test("its live feed tells the time of the history, ends with a jump and is there again, and is refused once it is over", async () => {
    const { id, fromMs, toMs } = await start(1_000);
    const listen = () =>
      new Promise<{ frames: ServerFrame[]; socket: WebSocket; closed: Promise<number> } | number>(
        (resolve) => {
          const socket = new WebSocket(`ws://127.0.0.1:${port}/live?replay=${id}`);
          const frames: ServerFrame[] = [];
          socket.on("message", (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
          const closed = new Promise<number>((over) => socket.once("close", over));
          socket.once("open", () => {
            socket.send('{"op":"subscribe","channel":"totals"}');
            resolve({ frames, socket, closed });
          });
          socket.once("unexpected-response", (_request, answer) => resolve(answer.statusCode ?? 0));
          socket.on("error", () => undefined);
        },
      );
    const first = await listen();
    if (typeof first === "number") throw new Error(`refused with ${first}`);
    // A thousand times as fast it is at its end at once, and stands there.
    await until("it has come to its end", async () => {
      const { json } = await ask<ReplayView>("GET", `/api/replays/${id}`);
      return json.atMs === toMs && !json.playing;
    });
    await until("totals came", () => first.frames.some((frame) => frame.t === "snap" || frame.t === "delta"));
    for (const frame of first.frames)
      if ("serverMs" in frame) {
        expect(frame.serverMs).toBeGreaterThanOrEqual(fromMs);
        expect(frame.serverMs).toBeLessThanOrEqual(toMs);
      }
    await standAt(id, times[1]! + 1_000);
    expect(await first.closed).toBe(1_012);
    const second = await listen();
    if (typeof second === "number") throw new Error(`refused with ${second}`);
    await until("the snapshot of the other moment", () =>
      second.frames.some((frame) => frame.t === "snap" && frame.serverMs === times[1]! + 1_000),
    );
    await ask("DELETE", `/api/replays/${id}`);
    expect(await second.closed).toBe(1_012);
    expect(await listen()).toBe(404);
  });

  test("the command begins one and says where to look at it", async () => {
    const said: string[] = [];
    const command = {
      api: apiClient({ url: server.url, token: undefined, trust: {} }, systemClock),
      out: (line: string) => said.push(line),
    };
    const span = { from: new Date(times[0]!).toISOString(), to: String(times[2]! + 1_000) };
    await replayCommand(command, { ...span, speed: "60" });
    const [replay] = (await ask<ReplayView[]>("GET", "/api/replays")).json;
    expect(said[0]).toBe(`${server.url}/replay/${replay!.id}/`);
    expect(said[1]).toContain("60 times as fast");
    expect((await ask("DELETE", `/api/replays/${replay!.id}`)).status).toBe(200);
    await expect(replayCommand(command, { from: span.from })).rejects.toThrow(/--from and --to/);
    await expect(replayCommand(command, { ...span, speed: "0" })).rejects.toThrow(/--speed must be from 1/);
  });

  test("what cannot be replayed is refused in words, and so are too many", async () => {
    const refusal = async (body: unknown) => {
      const { status, json } = await ask<{ message: string }>("POST", "/api/replays", body);
      return `${status} ${json.message}`;
    };
    expect(await refusal({ from: times[1], to: times[0] })).toMatch(/^400 from: must be before `to`/);
    expect(await refusal({ from: 1_000, to: 2_000 })).toMatch(/^400 from: single readings are held from 20/);
    expect(await refusal({ from: times[0], to: times[1], speed: 5_000 })).toMatch(/^400 speed: /);
    const { id } = await start();
    expect((await ask("PATCH", `/api/replays/${id}`, {})).status).toBe(400);
    const other = await start();
    expect(await refusal({ from: times[0], to: times[2] })).toMatch(/^400 2 replays of yours run/);
    expect((await ask<ReplayView[]>("GET", "/api/replays")).json.map((one) => one.id)).toEqual([
      id,
      other.id,
    ]);
    for (const one of [id, other.id]) await ask("DELETE", `/api/replays/${one}`);
    expect((await ask("PATCH", `/api/replays/${id}`, { playing: true })).status).toBe(404);
  });
});
