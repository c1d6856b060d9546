import { thsFromGhs } from "@hashwatt/protocol/units";
import { boundedCount, boundedMHz, boundedTempC, boundedThs } from "../model/bounds.js";
import type { BoardReading } from "../reading.js";
import { readPositive } from "../replies/readNumber.js";
import type { AvalonModule } from "./avalonTokens.js";
import { hottestTempC, inSlots } from "./boards.js";

export const ghs = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : thsFromGhs(value);

/** A module's average, TH/s: told, or the sum of its boards, or work a minute, which is counted in difficulty 1. */
export function averageOf(module: AvalonModule): number | undefined {
  const told = module.number("GHSavg");
  if (told !== undefined) return thsFromGhs(told);
  const boards = module.list("MGHS");
  if (boards.length && boards.every((rate) => rate !== undefined))
    return thsFromGhs(boards.reduce((sum: number, rate) => sum + rate!, 0));
  const work = module.number("WU");
  return work === undefined ? undefined : (work * HASHES_A_SHARE) / 60 / 1e12;
}

const HASHES_A_SHARE = 2 ** 32;

/** The boards of a rig with one module, or a row for each of several modules. `stands`: the rig does not hash at all. */
export function boardsOf(
  modules: readonly AvalonModule[],
  stands: boolean,
  nominalThs: number | undefined,
): BoardReading[] | undefined {
  const [only] = modules;
  if (!only) return undefined;
  const rows = modules.length === 1 ? boardsIn(only, stands, nominalThs) : modules.map(rowOf);
  return inSlots(rows);
}

function rowOf(module: AvalonModule): BoardReading {
  const now = module.number("GHSspd");
  return {
    slot: module.id,
    hashrateThs: boundedThs(now === undefined ? averageOf(module) : thsFromGhs(now), undefined),
    nominalThs: boundedThs(ghs(readPositive(module.number("GHSmm"))), undefined),
    chipTempC: boundedTempC(module.number("TMax")),
    chips: boundedCount(readPositive(module.number("TA"))),
    hwErrors: boundedCount(module.number("HW")),
    frequencyMHz: boundedMHz(module.number("Freq")),
  };
}

function boardsIn(module: AvalonModule, stands: boolean, nominalThs: number | undefined): BoardReading[] {
  const rates = module.list("MGHS");
  const temps = module.list("MTmax");
  const errors = module.list("MH");
  // `min-at/max-at/average` of a board up to the 9xx.
  const spreads = module.words("PVT_T").map((text) => /-\d+\/\d+-(\d+)/.exec(text)?.[1]);
  const count =
    rates.length || temps.length || module.boardsWithChips() || errors.length || module.list("ECHU").length;
  const alive = /hash board:\s*(\d+)/i.exec(module.text("SYSTEMSTATU") ?? "")?.[1];
  const boards: BoardReading[] = [];
  for (let slot = 0; slot < Math.min(count, 32); slot++) {
    const found = chipsOf(module, slot, count);
    const rate = rates[slot];
    const single = count === 1 ? module.number("TMax") : undefined;
    // Chip lists of a rig that stands are those of before.
    const chipTempC =
      boundedTempC(temps[slot] ?? spreads[slot] ?? single) ??
      (stands || single !== undefined ? undefined : hottestTempC(module.chipTemps(slot)));
    // The firmware counts fewer boards than it lists: the one without a sign of life is not there.
    if (
      found === 0 ||
      (!stands && !rate && chipTempC === undefined && alive !== undefined && Number(alive) < count)
    )
      continue;
    boards.push({
      slot,
      // An average of the board's: there is no other. It goes on after the rig was stopped.
      hashrateThs: stands
        ? module.number("GHSspd") === 0
          ? 0
          : undefined
        : boundedThs(ghs(rate), nominalThs),
      boardTempC:
        count === 1 ? hottestTempC([module.number("HBITemp"), module.number("HBOTemp")]) : undefined,
      chipTempC,
      chips: found,
      hwErrors: boundedCount(errors[slot]),
      frequencyMHz: clockOf(module, slot),
    });
  }
  return boards;
}

/** Chips that a board answers with: those in its lists, else its share of all. Undefined where nothing tells them. */
function chipsOf(module: AvalonModule, slot: number, count: number): number | undefined {
  const chips = Math.max(module.chipCount("PVT_T", slot), module.chipCount("MW", slot));
  if (chips > 0) return chips;
  if (module.boardsWithChips() > slot) return 0;
  const all = readPositive(module.number("TA"));
  // Boards of one rig are of one kind.
  return all !== undefined && all % count === 0 ? all / count : undefined;
}

/** What the board is set to: the middle of its clock steps, else the rig's clock. */
function clockOf(module: AvalonModule, slot: number): number | undefined {
  const steps = module.list(`SF${slot}`).filter((mhz) => mhz !== undefined);
  if (!steps.length) return boundedMHz(module.number("Freq"));
  return boundedMHz(Math.round((steps.reduce((sum, mhz) => sum + mhz, 0) / steps.length) * 100) / 100);
}
