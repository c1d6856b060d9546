import { writeFileSync } from "node:fs";
import { createServer as createTcp, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { sourceSchema } from "@hashwatt/server/rates/fetch/registry";
import { slotsProblem } from "@hashwatt/server/rates/seriesName";
import { meanOver } from "@hashwatt/server/rates/slot";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type FakeAnswer, type FakeRequest, type FakeServer, serveFake } from "../support/fakeHttp.js";
import { askedSource } from "./support/askedSource.js";
import { KEY, MARKET_CONFIGS, NOW, REWARD, SOURCE_CASES } from "./support/sourceCases.js";
import { tempFolder } from "./support/telemetryStores.js";

const HOUR_MS = 3_600_000;
const OPEN = Number.POSITIVE_INFINITY;
const iso = (ms: number) => new Date(ms).toISOString();

let server: FakeServer;
let answer: (request: FakeRequest) => FakeAnswer | undefined = () => undefined;
let deaf: Server;
const held: Socket[] = [];
beforeAll(async () => {
  server = await serveFake((request) => answer(request));
  deaf = createTcp((socket) => void held.push(socket));
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  for (const socket of held) socket.destroy();
  deaf.close();
  await server.close();
});
afterEach(() => {
  answer = () => undefined;
  server.unexpected.length = 0;
});

const setUp = (config: Record<string, unknown>, url = server.url) => askedSource(config, url);
const said = (value: unknown): FakeAnswer | undefined =>
  value === false ? undefined : { status: 200, body: value };

test("every kind of source has a case here", () => {
  const kinds = sourceSchema.options.map(({ shape }) => shape.kind.value);
  expect([...Object.keys(SOURCE_CASES), ...Object.keys(MARKET_CONFIGS)].sort()).toEqual([...kinds].sort());
});

describe.each(Object.entries(SOURCE_CASES))("source %s", (_kind, { config, answer: tell, expected }) => {
  test("gives sorted slots of its series, with gaps where it says nothing", async () => {
    answer = (request) => said(tell(request));
    const { fetch, fetcher, series, lacking } = setUp(config);
    const parts = await fetch();
    expect(server.unexpected).toEqual([]);
    expect(lacking).toEqual([]);
    for (const part of parts) {
      expect(fetcher.series).toContain(part.series);
      expect(slotsProblem(part.series, part.slots)).toBeUndefined();
      for (const slot of part.slots) expect(slot.source).not.toBe("");
    }
    await series.putAll(parts);
    const got = Object.fromEntries(
      parts.map(({ series: name, slots }) => [
        name,
        slots.map(({ value, startMs, endMs }) => [value, startMs - NOW, endMs - NOW]),
      ]),
    );
    expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, slots] of Object.entries(expected))
      for (const [i, [value, from, to]] of slots.entries()) {
        expect(got[name]![i]!.slice(1), name).toEqual([from, to]);
        expect(Math.abs(got[name]![i]![0]! / value - 1), name).toBeLessThan(1e-12);
      }
  });
});

const CONFIGS = {
  ...MARKET_CONFIGS,
  ...Object.fromEntries(Object.entries(SOURCE_CASES).map(([kind, { config }]) => [kind, config])),
};
describe.each(Object.entries(CONFIGS))("source %s", (_kind, config) => {
  test.each([
    ["too many questions", { status: 429, headers: { "retry-after": "90" } }, /asked too often/],
    ["an error", { status: 503 }, /answers 503/],
    [
      "somebody else",
      { status: 200, body: "<html>please log in</html>" },
      /JSON|without rates|no hashprice|column|<html>/,
    ],
    [
      "an empty object",
      { status: 200, body: {} },
      /otherwise|another shape|no XML|without rates|no hashprice|no price|column/,
    ],
    ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, /has moved/],
    ["a stranger's door", { status: 401 }, /check the source's key/],
  ] as const)("says what is wrong with %s, without its key", async (_what, reply, words) => {
    answer = () => reply as FakeAnswer;
    const { fetch, http } = setUp(config);
    const error = await fetch().then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toMatch(words);
    expect(error).toMatchObject({ code: "sourceFailed" });
    expect(error?.message).not.toContain(KEY);
    expect(http.takeWaitMs()).toBe(reply.status === 429 ? 90_000 : undefined);
  });
});

describe("whoever asks a source", () => {
  test("waits no longer than 20 s for one that says nothing", async () => {
    const { port } = deaf.address() as { port: number };
    const { fetch, clock } = setUp({ kind: "coinbase" }, `http://127.0.0.1:${port}`);
    const connected = new Promise((resolve) => deaf.once("connection", resolve));
    const failing = expect(fetch()).rejects.toThrow("gave no answer within 20 s");
    await connected;
    await clock.advance(20_000);
    await failing;
  });

  test("takes the whole of a long answer, and says of one that is cut off that it is", async () => {
    const row = (i: number) => `${iso(NOW + i * HOUR_MS)},${iso(NOW + (i + 1) * HOUR_MS)},${i % 7}`;
    const text = `start,end,value\n${Array.from({ length: 40_000 }, (_, i) => row(i)).join("\n")}\n`;
    answer = () => ({ status: 200, headers: { connection: "close" }, body: text });
    const config = { kind: "csv", series: "price/spot" };
    const [part] = await setUp(config).fetch();
    expect(part?.slots).toHaveLength(40_000);
    const { port } = deaf.address() as { port: number };
    deaf.once("connection", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nstart,end"));
    await expect(setUp(config, `http://127.0.0.1:${port}`).fetch()).rejects.toThrow(/cannot be reached/);
  });

  test("takes no more than 4 MB", async () => {
    answer = () => ({ status: 200, body: `"${"x".repeat(4.1 * 1024 * 1024)}"` });
    await expect(setUp({ kind: "coinbase" }).fetch()).rejects.toThrow("more than 4 MB");
  });

  test("is told of a source that is not there", async () => {
    await expect(setUp({ kind: "kraken" }, "http://127.0.0.1:1").fetch()).rejects.toThrow(
      /127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/,
    );
  });
});

describe("mempool's traps", () => {
  const mempool = (more: { hashrate?: object; reward?: object; prices?: object }) => {
    answer = ({ path }) =>
      said(
        path.includes("hashrate")
          ? { difficulty: [], currentHashrate: 0, currentDifficulty: 1.25e14, ...more.hashrate }
          : path.includes("blocks/fees")
            ? []
            : path.includes("reward")
              ? { ...REWARD, ...more.reward }
              : { time: NOW / 1_000, USD: 1, ...more.prices },
      );
    return setUp({ kind: "mempool" });
  };

  test.each([
    [
      "a difficulty of 0",
      { hashrate: { currentDifficulty: 0 } },
      "network/difficulty",
      "knows no difficulty (it says 0)",
    ],
    [
      "a negative difficulty",
      { hashrate: { currentDifficulty: -5 } },
      "network/difficulty",
      "knows no difficulty (it says -5)",
    ],
    ["a price of -1", { prices: { USD: -1 } }, "btc/USD", "knows no price of BTC in USD"],
    [
      "a reward that is no subsidy and fees",
      { reward: { totalFee: "1" } },
      "network/feesBtc",
      "fees are left out",
    ],
  ])("%s is not known, and all else counts", async (_what, more, missing, words) => {
    const { fetch, lacking } = mempool(more);
    const parts = (await fetch()).filter(({ slots }) => slots.length);
    expect(parts.map(({ series }) => series)).not.toContain(missing);
    expect(parts).toHaveLength(3);
    expect(lacking.join()).toContain(words);
  });

  test("fees over a halving are what is more than the subsidies of both halves", async () => {
    const subsidies = 44 * 312_500_000 + 100 * 156_250_000;
    const over = {
      startBlock: 1_049_956,
      endBlock: 1_050_099,
      totalReward: `${subsidies + 1_440_000_000}`,
      totalFee: "1440000000",
    };
    const { fetch, lacking } = mempool({ reward: over });
    const fees = (await fetch()).find(({ series }) => series === "network/feesBtc");
    expect(lacking).toEqual([]);
    expect(fees?.slots[0]?.value).toBe(0.1);
  });

  test("height and fees are kept by the hour, the price each time", async () => {
    const { fetch, series, clock } = mempool({});
    for (let i = 0; i < 7; i++) {
      await series.putAll(await fetch());
      await clock.advance(600_000);
    }
    const all = { fromMs: 0, toMs: OPEN };
    expect(series.slots("network/height", all)).toHaveLength(1);
    expect(series.slots("network/difficulty", all)).toHaveLength(1);
    expect(series.last("network/difficulty")?.asOfMs).toBe(NOW + HOUR_MS);
  });
});

describe("a node that prunes its blocks", () => {
  test("gives difficulty and height, and says why there are no fees", async () => {
    answer = ({ body }) =>
      said(
        (JSON.parse(body) as { id: number; method: string }[]).map(({ id, method }) =>
          method === "getblockstats"
            ? { id, result: null, error: { code: -1, message: "Block not available (pruned data)" } }
            : { id, result: method === "getdifficulty" ? 1e14 : 963_692, error: null },
        ),
      );
    const { fetch, lacking } = setUp({ kind: "bitcoin-core" });
    expect((await fetch()).map(({ series }) => series)).toEqual(["network/difficulty", "network/height"]);
    expect(lacking.join()).toContain("Block not available (pruned data)");
  });
});

describe("a file of prices on the server", () => {
  test("is read when it changes, over days of 23 and 25 hours, and not at all with a bad row", async () => {
    using folder = tempFolder();
    const file = join(folder.path, "prices.csv");
    const hours = (from: number, n: number) =>
      Array.from({ length: n }, (_, h) => `${iso(from + h * HOUR_MS)},${iso(from + (h + 1) * HOUR_MS)},${h}`);
    // In Berlin: 29 March has 23 hours, 25 October 25.
    const days = [...hours(Date.UTC(2026, 2, 28, 23), 23), ...hours(Date.UTC(2026, 9, 24, 22), 25)];
    writeFileSync(file, `start,end,value\n${days.join("\n")}\n`);
    const { fetch, series } = setUp({ kind: "csv", url: undefined, file, series: "price/spot" });
    await series.putAll(await fetch());
    expect(series.slots("price/spot", { fromMs: 0, toMs: OPEN })).toHaveLength(48);
    const [spring, autumn] = [Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 9, 24, 22)];
    const mean = (fromMs: number, toMs: number) =>
      meanOver(series.slots("price/spot", { fromMs, toMs }), { fromMs, toMs });
    expect([mean(spring, Date.UTC(2026, 2, 29, 22)), mean(autumn, Date.UTC(2026, 9, 25, 23))]).toEqual([
      11, 12,
    ]);
    expect(mean(spring, Date.UTC(2026, 2, 29, 23))).toBeUndefined();
    expect(await fetch()).toEqual([]);
    writeFileSync(file, "start,end,value\n2026-03-29T00:00,2026-03-29T01:00Z,1\n");
    await expect(fetch()).rejects.toThrow(
      /line 2: start "2026-03-29T00:00" is no instant .* nothing of it was taken/,
    );
  });
});
