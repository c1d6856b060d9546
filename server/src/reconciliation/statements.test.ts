import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ledger, LedgerFigures } from "@hashwatt/protocol/ledger";
import { systemClock } from "@hashwatt/protocol/time";
import { Zone } from "@hashwatt/protocol/zone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SourceHttp } from "../rates/fetch/sourceHttp.js";
import type { Pool } from "../rates/pools/pool.js";
import { MemoryStateStore } from "../store/state/memory.js";
import type { Payout } from "./payout.js";
import { readPayoutCsv } from "./payoutCsv.js";
import { fetchPayouts } from "./pools/fetchPayouts.js";
import { POOL_APIS } from "./pools/registry.js";
import { siteReconciliation } from "./siteReconciliation.js";
import { Statements } from "./statements.js";
import { readBillCsv, readIntervalCsv } from "./utilityCsv.js";

const DAY_MS = 86_400_000;
const fromMs = Date.UTC(2026, 7, 1);
const utc = Zone.of("UTC");
const opened = () => new Statements(new MemoryStateStore().documents, () => 7);
const csv = "date,amount,fee_percent,hashrate_ths\n2026-08-01,0.00048969,2,1000\n2026-08-02,0.0005,2,1000\n";
const payouts = (text: string) =>
  readPayoutCsv(text, utc, { pool: "braiins" }).rows.map(({ statement }) => statement);

describe("statements", () => {
  test("imported twice are there once, a corrected one is changed, and a look changes nothing", async () => {
    const statements = opened();
    expect(await statements.putPayouts("farm", payouts(csv), true)).toEqual({
      added: 2,
      changed: 0,
      same: 0,
    });
    expect(await statements.payouts("farm")).toEqual([]);
    expect(await statements.putPayouts("farm", payouts(csv))).toEqual({ added: 2, changed: 0, same: 0 });
    const mended = payouts(csv.replace("0.0005,", "0.0006,"));
    expect(await statements.putPayouts("farm", mended)).toEqual({ added: 0, changed: 1, same: 1 });
    expect((await statements.payouts("farm")).map(({ amount }) => amount)).toEqual([48_969_000, 60_000_000]);
    expect(await statements.payouts("other")).toEqual([]);
    expect(
      await statements.payouts("farm", { fromMs: fromMs + DAY_MS, toMs: fromMs + 2 * DAY_MS }),
    ).toHaveLength(1);
  });

  describe("of a day that a file and the pool itself both tell of", () => {
    const api = (account: string, amount: number, reference?: string): Payout => ({
      ...{ pool: "braiins", account, coin: "BTC", fromMs, toMs: fromMs + DAY_MS, amount, source: "api" },
      ...(reference !== undefined && { reference }),
    });
    const file = (amount: string, account?: string) =>
      readPayoutCsv(`date,amount\n2026-08-01,${amount}\n`, utc, { pool: "Braiins Pool", account }).rows.map(
        ({ statement }) => statement,
      );
    const amounts = async (statements: Statements) =>
      (await statements.payouts("farm")).map(({ amount }) => amount).sort((a, b) => a - b);

    test("are there once where the file names no account, and by the pool's entries", async () => {
      const statements = opened();
      await statements.putPayouts("farm", file("0.0005"));
      const entries = [api("farm", 40_000_000, "pps"), api("farm", 10_000_000, "fees")];
      expect(await statements.putPayouts("farm", entries, true)).toEqual({ added: 0, changed: 2, same: 0 });
      await statements.putPayouts("farm", entries);
      expect(await amounts(statements)).toEqual([10_000_000, 40_000_000]);
      // The file again says nothing that the pool has not said.
      expect(await statements.putPayouts("farm", file("0.0005"))).toEqual({ added: 0, changed: 0, same: 1 });
      // A corrected one counts, and the pool that goes on telling what was corrected does not undo it.
      expect(await statements.putPayouts("farm", file("0.0006"))).toEqual({ added: 0, changed: 1, same: 0 });
      expect(await amounts(statements)).toEqual([60_000_000]);
      expect(await statements.putPayouts("farm", entries)).toEqual({ added: 0, changed: 0, same: 2 });
      expect(await amounts(statements)).toEqual([60_000_000]);
      // What it tells otherwise is newer than the file.
      const later = [entries[0]!, api("farm", 12_000_000, "fees")];
      expect(await statements.putPayouts("farm", later)).toEqual({ added: 0, changed: 2, same: 0 });
      expect(await amounts(statements)).toEqual([12_000_000, 40_000_000]);
      // From then on what a file corrects is that.
      await statements.putPayouts("farm", file("0.0006"));
      await statements.putPayouts("farm", later);
      expect(await amounts(statements)).toEqual([60_000_000]);
      await statements.putPayouts("farm", entries);
      expect(await amounts(statements)).toEqual([10_000_000, 40_000_000]);
    });

    test("are settled one after another, whoever puts them", async () => {
      const { documents } = new MemoryStateStore();
      const statements = () => new Statements(documents, () => 7);
      await Promise.all([
        statements().putPayouts("farm", file("0.0005")),
        statements().putPayouts("farm", [api("farm", 51_000_000)]),
      ]);
      expect(await amounts(statements())).toEqual([51_000_000]);
      await Promise.all([
        statements().putPayouts("farm", [api("farm", 52_000_000)]),
        statements().putPayouts("farm", file("0.0006")),
      ]);
      expect(await amounts(statements())).toEqual([60_000_000]);
    });

    test("are of two accounts where both are named and differ", async () => {
      const statements = opened();
      await statements.putPayouts("farm", file("0.0005", "north"));
      await statements.putPayouts("farm", [api("South", 50_000_000)]);
      expect(await amounts(statements)).toEqual([50_000_000, 50_000_000]);
      await statements.putPayouts("farm", [api("North", 51_000_000)]);
      expect(await amounts(statements)).toEqual([50_000_000, 51_000_000]);
    });

    test("are refused where the pool tells of several accounts and the file names none", async () => {
      const statements = opened();
      await statements.putPayouts("farm", [api("north", 1), api("south", 2)]);
      await expect(statements.putPayouts("farm", file("0.0005"), true)).rejects.toThrow(
        "account: of 2026-08-01 Braiins Pool has told of north, south itself: name the one that the file is of",
      );
      await statements.putPayouts("farm", file("0.0005", "south"));
      expect(await amounts(statements)).toEqual([1, 50_000_000]);
    });
  });

  test("of a meter fill a day from several files, each interval by the newest that has it", async () => {
    const statements = opened();
    const day = (lines: string) =>
      readIntervalCsv(`start,end,kwh\n${lines}`, utc).rows.map(({ statement }) => statement);
    await statements.putMeterDays(
      "farm",
      day("2026-08-01 00:00,2026-08-01 01:00,5\n2026-08-01 01:00,2026-08-01 02:00,6\n"),
    );
    await statements.putMeterDays(
      "farm",
      day("2026-08-01 01:00,2026-08-01 02:00,7\n2026-08-01 02:00,2026-08-01 03:00,8\n"),
    );
    const { days, bills } = await statements.utility("farm");
    expect(days).toHaveLength(1);
    expect(days[0]!.energyWh.slice(0, 4)).toEqual([5_000, 7_000, 8_000, null]);
    expect(bills).toEqual([]);
  });
});

describe("a pool's API over HTTP", () => {
  let url: string;
  let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => answer(request, body, response));
  });
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", () => {
          url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
          resolve();
        });
      }),
  );
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const ask = (id: string) =>
    fetchPayouts(
      POOL_APIS.find((each) => each.id === id)!,
      { account: "farm", token: "hush", fromMs, toMs: fromMs + DAY_MS },
      new SourceHttp(systemClock),
      new AbortController().signal,
      url,
    );

  test("is asked as it is documented, and its answer kept", async () => {
    const heard: unknown[] = [];
    answer = (request, body, response) => {
      heard.push([
        request.method,
        request.url,
        request.headers["pool-auth-token"] ?? request.headers["f2p-api-secret"],
        body && JSON.parse(body).type,
      ]);
      response.setHeader("content-type", "application/json");
      response.end(
        request.method === "GET"
          ? JSON.stringify({ btc: { daily_rewards: [{ date: fromMs / 1_000, total_reward: "0.00049968" }] } })
          : JSON.stringify({
              transactions: [
                {
                  id: 1,
                  changed_balance: 0.0005,
                  created_at: 0,
                  mining_extra: { mining_date: fromMs / 1_000 },
                },
              ],
            }),
      );
    };
    expect(await ask("braiins")).toMatchObject([{ pool: "braiins", amount: 49_968_000 }]);
    expect(await ask("f2pool")).toMatchObject([{ pool: "f2pool", amount: 50_000_000 }]);
    expect(heard).toEqual([
      ["GET", "/accounts/rewards/json/btc?from=2026-08-01&to=2026-08-01", "hush", ""],
      ["POST", "/v2/assets/transactions/list", "hush", "revenue"],
    ]);
  });

  test("that refuses or says something else is told in one sentence without the token", async () => {
    answer = (_request, _body, response) => {
      response.statusCode = 429;
      response.end("slow down, hush");
    };
    await expect(ask("braiins")).rejects.toMatchObject({
      code: "sourceFailed",
      message: expect.not.stringContaining("hush"),
    });
    answer = (_request, _body, response) => response.end('{"btc":{}}');
    await expect(ask("braiins")).rejects.toThrow(
      /Braiins Pool answers otherwise than .* says: btc\.daily_rewards/,
    );
  });
});

test("a site's statements stand beside the ledger of the very same periods; other coins and currencies are told of", async () => {
  const statements = opened();
  await statements.putPayouts("farm", [...payouts(csv), { ...payouts(csv)[0]!, coin: "LTC" }]);
  const bills = readBillCsv(
    "from,to,amount,currency,kwh\n2026-08-01,2026-09-01,30,,450\n2026-09-01,2026-10-01,30,EUR,\n",
    utc,
    "USD",
  );
  await statements.putBills(
    "farm",
    bills.rows.map(({ statement }) => statement),
  );
  const asked: number[] = [];
  // 1 PH/s at 17.5 J/TH: 420 kWh a day at 0.06, measured for half of the time; the pool is set at 2 % and the firmware at 1 %.
  const ledger = (_site: string, range: { fromMs: number; toMs: number }) => {
    asked.push(range.toMs - range.fromMs);
    const seconds = (range.toMs - range.fromMs) / 1_000;
    const [spanMs, ms] = [seconds * 1_000, seconds * 500];
    const coverage = {
      spanMs,
      energyMs: ms,
      hashMs: ms,
      earnedMsatMs: ms,
      pricedMs: ms,
    } as LedgerFigures["coverage"];
    const totals = {
      energyMwh: 210e6,
      overheadMwh: 21e6,
      energyCostMicro: 12_600_000,
      revenueMsat: 24_000_000,
      coverage,
      algos: [{ algo: "SHA256", hashTh: 1_000 * (seconds / 2), hashMs: ms }],
    } as unknown as LedgerFigures;
    return Promise.resolve({ ...range, zone: "UTC", totals, siteLines: [] } as unknown as Ledger);
  };
  const pool = { validFrom: "2026-01-01", feePercent: 2, devFeePercent: 1 } as Pool;
  await statements.putPayouts("farm", payouts("date,amount\n2026-10-20,1\n"));
  const answer = await siteReconciliation(
    { site: "farm", zone: "UTC", currency: "USD" },
    { fromMs, toMs: fromMs + 92 * DAY_MS },
    {
      statements,
      ledger,
      booked: async (site, range) => (await ledger(site, range)).totals,
      pricedToMs: () => fromMs + 40 * DAY_MS,
      pools: () => [pool],
    },
  );
  expect(asked).toEqual([DAY_MS, DAY_MS, DAY_MS, 31 * DAY_MS]);
  // What the ledger has not come to yet is not computed.
  expect(answer.payouts.rows[2]).toMatchObject({ computed: null, difference: null });
  const [first] = answer.payouts.rows;
  expect(first).toMatchObject({
    computed: 24_000_000,
    paid: 48_969_000,
    coverage: 0.5,
    counted: 1,
    measured: 0.99,
  });
  expect(first!.parts.map(({ cause }) => cause)).toEqual(["coverage", "hashrate"]);
  expect(answer.bills.rows[0]!.parts.map(({ cause, amount }) => [cause, amount])).toEqual([
    ["coverage", 12_600_000],
    ["overhead", 2_520_000],
    ["energy", -720_000],
  ]);
  expect(answer.bills.rows[0]!.rest).toBe(30_000_000 - 27_000_000);
  expect(answer.notes.join(" ")).toMatch(/payouts in LTC .*bills in EUR/);
});
