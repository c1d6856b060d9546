import { apiErrorSchema } from "@hashwatt/protocol/http";
import { reconciliationSchema, statementImportSchema } from "@hashwatt/protocol/reconciliation";
import { Zone } from "@hashwatt/protocol/zone";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { refusalOf } from "../../csv/csvRows.js";
import { ServerError } from "../../error.js";
import { devFeeOver } from "../../reconciliation/devFeeOver.js";
import type { Imported } from "../../reconciliation/statements.js";
import type { Route } from "../apiParts.js";
import { instant } from "../query.js";

/** A year of quarter hours. */
const BODY_LIMIT = 8 * 1024 * 1024;
const DAY_MS = 86_400_000;
const MOST_SHOWN = 100;
/** Longer than a year and a bit is asked for in parts: each period is read from the ledger by itself. */
const MAX_RANGE_MS = 400 * DAY_MS;

const site = z.string().min(1).max(64);
const word = z.string().trim().min(1).max(100);
const csvBody = z.strictObject({
  site,
  csv: z.string(),
  /** Where the file names none. */
  pool: word.optional(),
  account: word.optional(),
  /** Says what would change and every row that would be refused, and changes nothing. */
  dryRun: z.boolean().default(false),
});
const billBody = csvBody.omit({ pool: true, account: true });
const fetchBody = z.strictObject({
  site,
  pool: z.enum(["braiins", "f2pool", "luxor"]),
  account: word,
  /** A token that may read; it is used once and not kept. */
  token: z.string().min(1).max(1_000),
  from: z.iso.date("must be a date such as 2026-08-01"),
  to: z.iso.date("must be a date such as 2026-08-01"),
});
const refused = { 400: apiErrorSchema, 403: apiErrorSchema, 404: apiErrorSchema };
const query = z.strictObject({ site, from: instant.optional(), to: instant.optional() });

/** `/api/reconciliation`: what pools paid and the utility billed beside what was computed. */
export const reconciliationRoutes: Route = (app, { sites, state, ledger, rates, clock }) => {
  const siteOf = (name: string) => {
    const record = sites.get(name);
    if (record) return record;
    throw new ServerError("notFound", `There is no site "${name}"; see /api/sites`);
  };
  // Few import statements, and seldom: what reads and compares them is loaded when it is asked for.
  const open = async () => {
    const { Statements } = await import("../../reconciliation/statements.js");
    return new Statements(state.documents, () => clock.nowMs());
  };
  const note = (request: FastifyRequest, action: string, object: string, done: Imported) => {
    request.deed = { action, object, after: { ...done } };
  };

  app.get<{ Querystring: z.infer<typeof query> }>(
    "/api/reconciliation",
    {
      schema: {
        summary:
          "What pools paid, the utility billed and its meter counted beside what was computed for the same periods, with what explains the difference. By default of the last 62 days",
        querystring: query,
        response: { 200: reconciliationSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request) => {
      const record = siteOf(request.query.site);
      const toMs = request.query.to ?? clock.nowMs();
      const fromMs = request.query.from ?? toMs - 62 * DAY_MS;
      if (fromMs >= toMs) throw new ServerError("badRequest", "from: must be before `to`");
      if (toMs - fromMs > MAX_RANGE_MS) throw new ServerError("badRequest", "from: ask for 400 days at most");
      const { siteReconciliation } = await import("../../reconciliation/siteReconciliation.js");
      return siteReconciliation(
        record,
        { fromMs, toMs },
        {
          statements: await open(),
          ledger: (of, range) => ledger.billed({ site: of }, range),
          booked: (of, range) => ledger.booked({ site: of }, range),
          pricedToMs: (of) => ledger.pricedToMs(of),
          pools: (of) => rates.terms(of).pools ?? [],
          devFee: (of, range, set) => devFeeOver(rates, of, range, set),
        },
      );
    },
  );
  app.post<{ Body: z.infer<typeof csvBody> }>(
    "/api/reconciliation/payouts",
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        summary:
          "Takes what a pool paid as CSV (columns date or from and to, amount, coin, pool, account, fee_percent, hashrate_ths, reference); what is known already is changed. Of a file with an error nothing is taken",
        body: csvBody,
        response: { 200: statementImportSchema, ...refused },
      },
    },
    async (request) => {
      const { site: name, csv, pool, account, dryRun } = request.body;
      const action = dryRun ? "payouts.preview" : "payouts.import";
      request.deed = { action, object: name };
      const { zone } = siteOf(name);
      const { readPayoutCsv } = await import("../../reconciliation/payoutCsv.js");
      const { rows, refused: wrong } = readPayoutCsv(csv, Zone.of(zone), { pool, account });
      if (wrong.length && !dryRun) throw refusalOf(wrong);
      const payouts = rows.map(({ statement }) => statement);
      const done = await (await open()).putPayouts(name, payouts, dryRun);
      note(request, action, name, done);
      return { ...done, refusedRows: countRows(wrong), refused: wrong.slice(0, MOST_SHOWN) };
    },
  );
  app.post<{ Body: z.infer<typeof billBody> }>(
    "/api/reconciliation/bills",
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        summary:
          "Takes what the utility billed (columns meter, from, to, amount, currency, kwh, demand_kw, demand_amount, fixed_amount, tax_amount, reference) or its interval data (meter, start, end, kwh) as CSV. Of a file with an error nothing is taken",
        body: billBody,
        response: { 200: statementImportSchema, ...refused },
      },
    },
    async (request) => {
      const { site: name, csv, dryRun } = request.body;
      const action = dryRun ? "bills.preview" : "bills.import";
      request.deed = { action, object: name };
      const record = siteOf(name);
      const { hasIntervals, readBillCsv, readIntervalCsv } = await import(
        "../../reconciliation/utilityCsv.js"
      );
      const statements = await open();
      const zone = Zone.of(record.zone);
      const take = async () => {
        if (hasIntervals(csv)) {
          const { rows, refused: wrong } = readIntervalCsv(csv, zone);
          if (wrong.length && !dryRun) throw refusalOf(wrong);
          const days = rows.map(({ statement }) => statement);
          return { wrong, done: await statements.putMeterDays(name, days, dryRun) };
        }
        const { rows, refused: wrong } = readBillCsv(csv, zone, record.currency);
        if (wrong.length && !dryRun) throw refusalOf(wrong);
        const bills = rows.map(({ statement }) => statement);
        return { wrong, done: await statements.putBills(name, bills, dryRun) };
      };
      const { wrong, done } = await take();
      note(request, action, name, done);
      return { ...done, refusedRows: countRows(wrong), refused: wrong.slice(0, MOST_SHOWN) };
    },
  );
  app.post<{ Body: z.infer<typeof fetchBody> }>(
    "/api/reconciliation/payouts/fetch",
    {
      schema: {
        summary:
          "Asks a pool (braiins, f2pool or luxor) what it credited over whole UTC days, the second date not included, and keeps it; the token is used once",
        body: fetchBody,
        response: { 200: statementImportSchema, ...refused },
      },
    },
    async (request) => {
      const { site: name, pool: id, account, token, from, to } = request.body;
      const object = `${name} ${id} ${account}`;
      request.deed = { action: "payouts.fetch", object };
      siteOf(name);
      const [fromMs, toMs] = [Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`)];
      if (toMs <= fromMs) throw new ServerError("badRequest", "to: must come after from; it is not included");
      if (toMs - fromMs > MAX_RANGE_MS) throw new ServerError("badRequest", "to: ask for 400 days at most");
      const { POOL_APIS } = await import("../../reconciliation/pools/registry.js");
      const { fetchPayouts } = await import("../../reconciliation/pools/fetchPayouts.js");
      const { SourceHttp } = await import("../../rates/fetch/sourceHttp.js");
      const pool = POOL_APIS.find((each) => each.id === id)!;
      const asked = { account, token, fromMs, toMs };
      const http = new SourceHttp(clock);
      const payouts = await fetchPayouts(pool, asked, http, new AbortController().signal).catch(
        (error: unknown) => {
          throw error instanceof ServerError
            ? new ServerError("badRequest", error.message, { cause: error })
            : error;
        },
      );
      const done = await (await open()).putPayouts(name, payouts);
      note(request, "payouts.fetch", object, done);
      return { ...done, refusedRows: 0, refused: [] };
    },
  );
};

const countRows = (refusedRows: readonly { line: number }[]): number =>
  new Set(refusedRows.map(({ line }) => line)).size;
