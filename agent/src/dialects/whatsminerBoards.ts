import { MAX_BOARDS } from "@hashwatt/protocol/sample";
import { thsFromGhs } from "@hashwatt/protocol/units";
import { boundedCount, boundedMHz, boundedTempC, boundedThs } from "../model/bounds.js";
import type { BoardReading } from "../reading.js";
import { readPositive, readText } from "../replies/readNumber.js";
import type { Reply, Row } from "../replies/reply.js";
import { inSlots, plausibleChipC, readSlot } from "./boards.js";
import type { Facts } from "./dialect.js";
import { mhs, realtime, sectionOf } from "./whatsminerParts.js";

const CHIP_TEMP = "Chip Temp Max";

/**
 * The boards of a `devs` reply by slot. Undefined when the rig did not tell them; a board that is gone has no row. What changes from
 * one moment to the next is that of this reading's own replies; serial numbers and chips may be those that were told before.
 */
export function readBoards(
  reply: Reply | undefined,
  extended: Reply | undefined,
  facts: Facts,
): BoardReading[] | undefined {
  const { nominalThs } = facts;
  const more = rowsOfMore(extended);
  const rows = sectionOf(reply, "DEVS") ?? more;
  if (!rows?.length) return undefined;
  const boards: BoardReading[] = [];
  for (const row of rows.slice(0, MAX_BOARDS)) {
    const slot = slotOf(row);
    if (slot === undefined) continue;
    const also = more?.find((one) => slotOf(one) === slot);
    const boardTempC = boundedTempC(row.Temperature ?? also?.Temperature);
    const chipTempC = boundedTempC(row[CHIP_TEMP] ?? also?.[CHIP_TEMP]);
    const factoryGhs = readPositive(row["Factory GHS"]) ?? readPositive(also?.["Factory GHS"]);
    boards.push({
      slot,
      hashrateThs: boundedThs(rateOf(row, facts), nominalThs),
      nominalThs: factoryGhs === undefined ? undefined : boundedThs(thsFromGhs(factoryGhs), nominalThs),
      boardTempC,
      chipTempC: plausibleChipC(chipTempC, boardTempC),
      chips: chipsOf(row) ?? chipsOf(also) ?? facts.boardChips?.[slot],
      hwErrors: boundedCount(row["Hardware Errors"]),
      frequencyMHz:
        boundedMHz(row["Chip Frequency"]) ??
        boundedMHz(row.Frequency) ??
        boundedMHz(also?.["Chip Frequency"]),
      serial: serialOf(row) ?? serialOf(also) ?? facts.boardSerials?.[slot],
    });
  }
  return inSlots(boards);
}

/** Whether `devs` has a place for the temperature of each board's chips, whatever stands there. */
export const tellsChipTemps = (devs: Reply): boolean =>
  sectionOf(devs, "DEVS")?.some((row) => row[CHIP_TEMP] !== undefined) ?? false;

/** What `edevs` tells of the boards that outlasts a reading, and whether it has a place for the temperature of their chips. */
export function factsOfMore(edevs: Reply): Partial<Facts> {
  const serials: Record<number, string> = {};
  const chips: Record<number, number> = {};
  let temps = false;
  for (const row of (rowsOfMore(edevs) ?? []).slice(0, MAX_BOARDS)) {
    const slot = slotOf(row);
    if (slot === undefined) continue;
    const [serial, count] = [serialOf(row), chipsOf(row)];
    if (serial !== undefined) serials[slot] = serial;
    if (count !== undefined) chips[slot] = count;
    temps ||= row[CHIP_TEMP] !== undefined;
  }
  return {
    boardSerials: Object.keys(serials).length ? serials : undefined,
    boardChips: Object.keys(chips).length ? chips : undefined,
    chipTempsApart: temps || undefined,
  };
}

const rowsOfMore = (edevs: Reply | undefined): Row[] | undefined =>
  sectionOf(edevs, "DEVS") ?? sectionOf(edevs, "EDEVS");

const slotOf = (row: Row): number | undefined => readSlot(row.Slot) ?? readSlot(row.ASC);
const serialOf = (row: Row | undefined): string | undefined => readText(row?.["PCB SN"], 100);
const chipsOf = (row: Row | undefined): number | undefined => boundedCount(row?.["Effective Chips"]);

const rateOf = (row: Row, facts: Facts): number | undefined =>
  realtime(row["HS RT"], facts) ??
  mhs(row["MHS 1m"]) ??
  mhs(row["MHS 5s"]) ??
  mhs(row["MHS 5m"]) ??
  mhs(row["MHS av"]);
