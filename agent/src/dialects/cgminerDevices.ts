import { MAX_FANS } from "@hashwatt/protocol/sample";
import { thsFromGhs, thsFromMhs } from "@hashwatt/protocol/units";
import { boundedCount, boundedRpm, boundedTempC, boundedThs } from "../model/bounds.js";
import type { BoardReading, Reading } from "../reading.js";
import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import { type Reply, type Row, rowsOf } from "../replies/reply.js";
import { inSlots } from "./boards.js";

/** One device of a `devs` reply; bfgminer lists its processors one by one, which share a name and an id. */
export interface Device {
  kind: "ASC" | "PGA" | "GPU" | undefined;
  liveThs: number | undefined;
  averageThs: number | undefined;
  tempC: number | undefined;
  fanRpm: number | undefined;
  accepted: number | undefined;
  rejected: number | undefined;
  hwErrors: number | undefined;
}

const TERA = { KHS: 1e-9, MHS: 1e-6, GHS: 1e-3, THS: 1 } as const;
const UNITS = ["MHS", "GHS", "KHS", "THS"] as const;
/** The window follows cgminer's `--log`; the shortest is what the device does now. */
const WINDOWS = ["5s", "1s", "20s", "30s", "1m"];

/** A rate by its key, which names unit and window; TH/s. Undefined where none is there. */
export function rateOf(
  row: Row,
  windows: readonly string[],
): { ths: number; windowS: number | undefined } | undefined {
  for (const window of windows)
    for (const unit of UNITS) {
      const rate = readNumber(row[`${unit} ${window}`]);
      if (rate === undefined || rate < 0) continue;
      const ths = unit === "MHS" ? thsFromMhs(rate) : unit === "GHS" ? thsFromGhs(rate) : rate * TERA[unit];
      const seconds = /^(\d+)(s|m)$/.exec(window);
      return { ths, windowS: seconds ? Number(seconds[1]) * (seconds[2] === "m" ? 60 : 1) : undefined };
    }
  return undefined;
}

export const liveRate = (row: Row) => rateOf(row, WINDOWS);
export const averageRate = (row: Row) => rateOf(row, ["av"]);

/** The devices of a `devs` reply in their order; undefined without the section. */
export function devicesOf(reply: Reply | undefined): Device[] | undefined {
  const rows = rowsOf(reply, "DEVS");
  if (!rows) return undefined;
  const devices: Device[] = [];
  const known = new Map<string, Device>();
  for (const row of rows) {
    const device = deviceOf(row);
    // Processors of one device; a name alone tells nothing, and cgminer numbers without `ProcID`.
    const name = row.ProcID === undefined ? undefined : `${readText(row.Name, 40)}/${readText(row.ID, 10)}`;
    const whole = name === undefined ? undefined : known.get(name);
    if (whole) {
      join(whole, device);
      continue;
    }
    if (name !== undefined) known.set(name, device);
    devices.push(device);
  }
  return devices;
}

function deviceOf(row: Row): Device {
  return {
    kind: (["ASC", "PGA", "GPU"] as const).find((kind) => row[kind] !== undefined),
    liveThs: liveRate(row)?.ths,
    averageThs: averageRate(row)?.ths,
    tempC: boundedTempC(row.Temperature ?? row.temperature),
    // -1: not known.
    fanRpm: boundedRpm(readPositive(row["Fan Speed"])),
    accepted: boundedCount(row.Accepted),
    rejected: boundedCount(row.Rejected),
    hwErrors: boundedCount(row["Hardware Errors"]),
  };
}

const plus = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : a + b;

function join(whole: Device, part: Device): void {
  for (const key of ["liveThs", "averageThs", "accepted", "rejected", "hwErrors"] as const)
    whole[key] = plus(whole[key], part[key]);
  if (part.tempC !== undefined) whole.tempC = Math.max(whole.tempC ?? part.tempC, part.tempC);
}

/** The sum of one value over all devices; undefined where one of them does not tell it. */
export function sumOf(
  devices: readonly Device[] | undefined,
  key: "liveThs" | "averageThs" | "accepted" | "rejected",
): number | undefined {
  if (!devices?.length) return undefined;
  let sum = 0;
  for (const device of devices) {
    const value = device[key];
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

/**
 * Devices as boards, numbered as they are listed, at most as many as travel. Where the rig hashes (`wholeThs`) and all its devices
 * claim to stand, `devs` is filled with zeros, as stock Antminers do, and tells of no board.
 */
export function boardsOf(
  devices: readonly Device[] | undefined,
  wholeThs: number | undefined,
): BoardReading[] | undefined {
  const rates = devices?.map(({ liveThs, averageThs }) => liveThs ?? averageThs);
  if (!devices || (wholeThs !== undefined && wholeThs > 0 && rates?.every((rate) => rate === 0)))
    return undefined;
  return inSlots(
    devices.slice(0, 256).map((device, slot) => ({
      slot,
      hashrateThs: boundedThs(rates?.[slot], undefined),
      boardTempC: device.tempC,
      hwErrors: device.hwErrors,
    })),
  );
}

/** Fans of the devices that have one and say so. */
export function fansOf(devices: readonly Device[] | undefined): Reading["fansRpm"] {
  const fans = devices?.map(({ fanRpm }) => fanRpm).filter((rpm) => rpm !== undefined);
  return fans?.length ? fans.slice(0, MAX_FANS) : undefined;
}
