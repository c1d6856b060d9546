import type { RefusedRow } from "@hashwatt/protocol/register";
import type { Zone } from "@hashwatt/protocol/zone";
import { quotedCell, readCsv } from "../csv/csvRows.js";
import { fixedOf, MSAT_DECIMALS } from "./amount.js";
import { instantOf, utcDay } from "./csvDates.js";
import { type Payout, payoutKey, payoutSchema } from "./payout.js";
import { NO_ACCOUNT } from "./toldTwice.js";

/** Columns of a file of payouts. `date` is a UTC day, as pools settle; `from` and `to` stand in its place. */
export const PAYOUT_COLUMNS = [
  "date",
  "from",
  "to",
  "amount",
  "coin",
  "pool",
  "account",
  "fee_percent",
  "hashrate_ths",
  "reference",
] as const;
type Column = (typeof PAYOUT_COLUMNS)[number];

const MAX_ROWS = 40_000;
/** A longer stretch is no settlement. */
const LONGEST_MS = 62 * 86_400_000;

/** Rows of a file: those that can be taken, and those that cannot, each with its line. */
export interface StatementRows<T> {
  rows: { line: number; statement: T }[];
  refused: RefusedRow[];
}

/**
 * Reads what a pool paid, as CSV. `zone` is that of times without an offset; `pool` and `account` stand where the file names none. Throws
 * ServerError `badRequest` where the file is no table.
 */
export function readPayoutCsv(
  text: string,
  zone: Zone,
  { pool, account }: { pool?: string | undefined; account?: string | undefined } = {},
): StatementRows<Payout> {
  const table = readCsv(text, { columns: PAYOUT_COLUMNS, maxRows: MAX_ROWS, rows: "payouts" });
  const refused: RefusedRow[] = [...table.refused];
  const rows: { line: number; statement: Payout }[] = [];
  const lines = new Map<string, number>();
  for (const { line, told } of table.rows) {
    const faults: RefusedRow[] = [];
    const wrong = (column: Column, message: string) =>
      faults.push({
        line,
        column,
        message: told[column] === undefined ? message : `"${quotedCell(told[column])}" ${message}`,
      });
    const time = (column: Column, read: (said: string) => number): number => {
      try {
        return read(told[column]!);
      } catch (error) {
        wrong(column, (error as RangeError).message);
        return Number.NaN;
      }
    };
    let span = { fromMs: Number.NaN, toMs: Number.NaN };
    if (told.date !== undefined && (told.from ?? told.to) !== undefined)
      wrong("date", "stands beside from and to: fill in the one or the others");
    else if (told.date !== undefined) {
      const fromMs = time("date", (said) => utcDay(said).fromMs);
      span = { fromMs, toMs: fromMs + 86_400_000 };
    } else if (told.from !== undefined && told.to !== undefined) {
      const at = (said: string) => instantOf(said, zone);
      span = { fromMs: time("from", at), toMs: time("to", at) };
      if (span.toMs <= span.fromMs) wrong("to", "must come after from");
      else if (span.toMs - span.fromMs > LONGEST_MS) wrong("to", "is more than 62 days after from");
    } else wrong("date", "is missing: fill in date, or from and to");
    const amount = told.amount === undefined ? undefined : fixedOf(told.amount, MSAT_DECIMALS);
    if (amount === undefined)
      wrong(
        "amount",
        told.amount === undefined ? "is missing" : "is no amount in whole coins, such as 0.00049968",
      );
    const number = (column: Column, most: number): number | undefined => {
      if (told[column] === undefined) return undefined;
      const value = /^\d+(\.\d+)?$/.test(told[column]) ? Number(told[column]) : Number.NaN;
      if (value >= 0 && value <= most) return value;
      wrong(column, `is no number from 0 to ${most}`);
      return undefined;
    };
    const feePercent = number("fee_percent", 100);
    const hashrateThs = number("hashrate_ths", 1e12);
    const named = { pool: told.pool ?? pool, account: told.account ?? account ?? NO_ACCOUNT };
    if (named.pool === undefined) wrong("pool", "is missing: name the pool in the file or beside it");
    if (faults.length === 0) {
      const parsed = payoutSchema.safeParse({
        ...named,
        coin: (told.coin ?? "BTC").toUpperCase(),
        ...span,
        amount,
        ...(feePercent !== undefined && { feeRatio: feePercent / 100 }),
        ...(hashrateThs !== undefined && { hashrateThs }),
        ...(told.reference !== undefined && { reference: told.reference }),
        source: "csv",
      });
      if (parsed.success) {
        const key = payoutKey(parsed.data);
        const before = lines.get(key);
        if (before === undefined) {
          lines.set(key, line);
          rows.push({ line, statement: parsed.data });
        } else
          faults.push({
            line,
            message: `is the same payout as line ${before}; give each a reference of its own`,
          });
      } else
        for (const { path, message } of parsed.error.issues)
          faults.push({ line, column: String(path[0]), message });
    }
    refused.push(...faults);
  }
  refused.sort((a, b) => a.line - b.line);
  return { rows, refused };
}
