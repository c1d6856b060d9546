import type { RefusedRow } from "@hashwatt/protocol/register";
import type { Zone } from "@hashwatt/protocol/zone";
import { quotedCell, readCsv } from "../csv/csvRows.js";
import { fixedOf, MONEY_DECIMALS } from "./amount.js";
import { instantOf, localDay } from "./csvDates.js";
import type { StatementRows } from "./payoutCsv.js";
import { billKey, type MeterDay, type UtilityBill, utilityBillSchema } from "./utilityBill.js";

/** Columns of a file of bills. `from` and `to` are local dates, the second not included. */
export const BILL_COLUMNS = [
  "meter",
  "from",
  "to",
  "amount",
  "currency",
  "kwh",
  "demand_kw",
  "demand_amount",
  "fixed_amount",
  "tax_amount",
  "reference",
] as const;
/** Columns of a file of interval data. Times by the site's clocks, or with an offset from UTC. */
export const INTERVAL_COLUMNS = ["meter", "start", "end", "kwh"] as const;

const MAX_BILLS = 5_000;
/** A year in quarters of an hour, and a bit. */
const MAX_INTERVALS = 40_000;
const LONGEST_MS = 400 * 86_400_000;
const HOUR_MS = 3_600_000;

/** Whether a file has interval data: its first line names a column `start`. */
export const hasIntervals = (text: string): boolean =>
  /(^|[,;\t])\s*"?start"?\s*([,;\t\r]|$)/i.test(text.replace(/^\uFEFF/, "").split("\n", 1)[0] ?? "");

/** Reads bills as CSV; `currency` is the site's. Throws ServerError `badRequest` where the file is no table. */
export function readBillCsv(text: string, zone: Zone, currency: string): StatementRows<UtilityBill> {
  const table = readCsv(text, { columns: BILL_COLUMNS, maxRows: MAX_BILLS, rows: "bills" });
  const refused: RefusedRow[] = [...table.refused];
  const rows: { line: number; statement: UtilityBill }[] = [];
  const spans: { line: number; bill: UtilityBill }[] = [];
  for (const { line, told } of table.rows) {
    const faults: RefusedRow[] = [];
    const wrong = (column: (typeof BILL_COLUMNS)[number], message: string) =>
      faults.push({
        line,
        column,
        message: told[column] === undefined ? message : `"${quotedCell(told[column])}" ${message}`,
      });
    const date = (column: "from" | "to"): number => {
      if (told[column] === undefined) wrong(column, "is missing");
      else
        try {
          return localDay(told[column], zone);
        } catch (error) {
          wrong(column, (error as RangeError).message);
        }
      return Number.NaN;
    };
    const fromMs = date("from");
    const toMs = date("to");
    if (toMs <= fromMs) wrong("to", "must come after from; the last day is not included");
    else if (toMs - fromMs > LONGEST_MS) wrong("to", "is more than 400 days after from");
    const decimal = (column: (typeof BILL_COLUMNS)[number], decimals: number): number | undefined => {
      if (told[column] === undefined) return undefined;
      const value = fixedOf(told[column], decimals);
      if (value === undefined) wrong(column, "is no number such as 1234.56");
      return value;
    };
    const amount = decimal("amount", MONEY_DECIMALS);
    if (told.amount === undefined) wrong("amount", "is missing");
    const energyWh = decimal("kwh", 3);
    const demand = decimal("demand_amount", MONEY_DECIMALS);
    const fixed = decimal("fixed_amount", MONEY_DECIMALS);
    const tax = decimal("tax_amount", MONEY_DECIMALS);
    const demandKw = decimal("demand_kw", 3);
    if (faults.length === 0) {
      const parsed = utilityBillSchema.safeParse({
        kind: "bill",
        meter: told.meter ?? "site",
        fromMs,
        toMs,
        currency: (told.currency ?? currency).toUpperCase(),
        amount,
        ...(demand !== undefined && { demand }),
        ...(fixed !== undefined && { fixed }),
        ...(tax !== undefined && { tax }),
        ...(energyWh !== undefined && { energyWh }),
        ...(demandKw !== undefined && { demandKw: demandKw / 1_000 }),
        ...(told.reference !== undefined && { reference: told.reference }),
      });
      if (parsed.success) {
        const bill = parsed.data;
        const other = spans.find(
          (each) => each.bill.meter === bill.meter && each.bill.fromMs < toMs && each.bill.toMs > fromMs,
        );
        if (other)
          faults.push({
            line,
            message:
              billKey(other.bill) === billKey(bill)
                ? `is the same bill as line ${other.line}`
                : `overlaps the bill of line ${other.line} of the same meter`,
          });
        else {
          spans.push({ line, bill });
          rows.push({ line, statement: bill });
        }
      } else
        for (const { path, message } of parsed.error.issues)
          faults.push({ line, column: String(path[0]), message });
    }
    refused.push(...faults);
  }
  refused.sort((a, b) => a.line - b.line);
  return { rows, refused };
}

/** The interval data of a file by meter and day; the lengths of a day's intervals are the same. */
export function readIntervalCsv(text: string, zone: Zone): StatementRows<MeterDay> {
  const table = readCsv(text, { columns: INTERVAL_COLUMNS, maxRows: MAX_INTERVALS, rows: "intervals" });
  const refused: RefusedRow[] = [...table.refused];
  const days = new Map<string, { line: number; statement: MeterDay }>();
  const taken = new Set<string>();
  for (const { line, told } of table.rows) {
    const meter = (told.meter ?? "site").slice(0, 100);
    const refuse = (message: string, column?: (typeof INTERVAL_COLUMNS)[number]) =>
      refused.push({
        line,
        ...(column && { column }),
        message: column && told[column] !== undefined ? `"${quotedCell(told[column])}" ${message}` : message,
      });
    let [startMs, endMs] = [Number.NaN, Number.NaN];
    let at: "start" | "end" = "start";
    try {
      if (told.start === undefined) throw new RangeError("is missing");
      startMs = instantOf(told.start, zone, (ms) => taken.has(`${meter} ${ms}`));
      at = "end";
      if (told.end === undefined) throw new RangeError("is missing");
      endMs = instantOf(told.end, zone, (ms) => ms <= startMs);
    } catch (error) {
      refuse((error as RangeError).message, at);
      continue;
    }
    const stepMs = endMs - startMs;
    if (stepMs < 60_000 || stepMs > HOUR_MS || HOUR_MS % stepMs !== 0) {
      refuse("must lie 1 to 60 minutes after start, and divide the hour", "end");
      continue;
    }
    const energyWh = told.kwh === undefined ? null : fixedOf(told.kwh, 3);
    if (energyWh === undefined) {
      refuse("is no number of kWh", "kwh");
      continue;
    }
    const key = `${meter} ${startMs}`;
    if (taken.has(key)) {
      refuse("the same interval of this meter stands in the file twice", "start");
      continue;
    }
    taken.add(key);
    const day = dayOf(startMs, zone);
    const known = days.get(`${meter} ${day.startMs}`);
    const place = (startMs - day.startMs) / stepMs;
    if (!Number.isInteger(place) || (known && known.statement.stepMs !== stepMs)) {
      refuse(
        known
          ? `is ${stepMs / 60_000} min long, others of that day are ${known.statement.stepMs / 60_000}`
          : "does not lie on the steps of its day",
        "start",
      );
      continue;
    }
    const { statement } = known ?? {
      statement: {
        kind: "meterDay" as const,
        meter,
        ...day,
        stepMs,
        energyWh: Array.from({ length: Math.round((day.endMs - day.startMs) / stepMs) }, () => null),
      },
    };
    if (!known) days.set(`${meter} ${day.startMs}`, { line, statement });
    (statement.energyWh as (number | null)[])[place] = energyWh;
  }
  return { rows: [...days.values()], refused: refused.sort((a, b) => a.line - b.line) };
}

function dayOf(ms: number, zone: Zone): { startMs: number; endMs: number } {
  const { year, month, day } = zone.wall(ms);
  return { startMs: zone.instant(year, month, day), endMs: zone.instant(year, month, day + 1) };
}
