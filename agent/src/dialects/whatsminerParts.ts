import { thsFromMhs } from "@hashwatt/protocol/units";
import { boundedRpm } from "../model/bounds.js";
import { readNumber, readText } from "../replies/readNumber.js";
import { msgOf, type Reply, type Row, rowsOf } from "../replies/reply.js";
import type { Facts } from "./dialect.js";

/** A section of a btminer reply, which some builds of API 2 put into `Msg`. */
export function sectionOf(reply: Reply | undefined, section: string): Row[] | undefined {
  const rows = rowsOf(reply, section);
  if (rows) return rows;
  const msg = msgOf(reply);
  return msg && rowsOf({ members: msg, cut: false }, section);
}

/** The row of `summary`: in its section, or `Msg` itself. */
export function summaryOf(reply: Reply | undefined): Row | undefined {
  const rows = sectionOf(reply, "SUMMARY");
  if (rows) return rows[0];
  const msg = msgOf(reply);
  return msg && ("Elapsed" in msg || "MHS av" in msg) ? msg : undefined;
}

/** `mineroff` (2.x) or `btmineroff` (1.x) as a truth value; undefined when the firmware does not say. */
export function offFlag(msg: Row | undefined): boolean | undefined {
  return truthOf(msg?.mineroff ?? msg?.btmineroff);
}

/** A truth value, also as text. */
export function truthOf(flag: unknown): boolean | undefined {
  if (flag === true || flag === "true") return true;
  return flag === false || flag === "false" ? false : undefined;
}

/** `M50SVH50` or `M60S_VK40` is an M50S or M60S with such boards; the boards' letters are not part of the model's name. */
export function modelOf(value: unknown): string | undefined {
  const name = readText(value, 60)?.match(
    /^(?:WhatsMiner\s*)?(M\d{1,3}[A-Z]{0,2}\+{0,3})(?:[\s_]*V[0-9A-Z]+)?$/i,
  )?.[1];
  return name && `Whatsminer ${name.toUpperCase()}`;
}

/** Models cooled by water or in oil: M33, M36, M53, M56, M63, M66 and what follows them. */
const isLiquid = (model: string | undefined): boolean => /\bM[3-9][36]\D*$/.test(model ?? "");

/** Intake and exhaust fan; undefined for none, and where a liquid-cooled rig reports its missing fans as standing. */
export function fansOf(
  intake: unknown,
  exhaust: unknown,
  model: string | undefined,
  saysLiquid: boolean,
): number[] | undefined {
  const fans = [intake, exhaust].map(boundedRpm).filter((rpm) => rpm !== undefined);
  const isStill = fans.every((rpm) => rpm === 0);
  return fans.length === 0 || (isStill && (saysLiquid || isLiquid(model))) ? undefined : fans;
}

export function mhs(value: unknown): number | undefined {
  const rate = readNumber(value);
  return rate === undefined ? undefined : thsFromMhs(rate);
}

/** No rig hashes so many TH/s: from here on a rate is in MH/s. */
const MOST_THS = 10_000;

/** Whether an `HS RT` can only be in MH/s. */
export function isInMhs(value: unknown): boolean {
  const rate = readNumber(value);
  return rate !== undefined && rate >= MOST_THS;
}

/**
 * `HS RT` is in MH/s; some builds of 2023 and 2024 send TH/s, which a rig rated above 10 TH/s gives away. One that has told more
 * before (`realtimeInMhs`) counts in MH/s and runs down. TH/s.
 */
export function realtime(
  value: unknown,
  { nominalThs, realtimeInMhs }: Pick<Facts, "nominalThs" | "realtimeInMhs">,
): number | undefined {
  const rate = readNumber(value);
  if (rate === undefined) return undefined;
  const inThs = !realtimeInMhs && rate > 0 && rate < MOST_THS && nominalThs !== undefined && nominalThs > 10;
  return inThs ? rate : thsFromMhs(rate);
}

/**
 * The live hashrate: `HS RT`, or the minute's average of builds that lack it, or what else they have. Before btminer there is
 * the average since the start alone. Its window is told for averages only.
 */
export function liveRate(
  row: Row,
  facts: Pick<Facts, "nominalThs" | "realtimeInMhs">,
): { ths: number; windowS?: number | undefined } | undefined {
  const realtimeThs = realtime(row["HS RT"], facts);
  if (realtimeThs !== undefined) return { ths: realtimeThs };
  for (const [key, windowS] of WINDOWS) {
    const ths = mhs(row[key]);
    if (ths !== undefined) return { ths, windowS };
  }
  const ths = mhs(row["MHS av"]);
  return ths === undefined ? undefined : { ths, windowS: elapsed(row) };
}

const WINDOWS = [
  ["MHS 1m", 60],
  ["MHS 5s", 5],
  ["MHS 5m", 300],
  ["MHS 15m", 900],
] as const;

function elapsed(row: Row): number | undefined {
  const seconds = readNumber(row.Elapsed);
  return seconds !== undefined && seconds >= 0 && seconds <= 1e9 ? seconds : undefined;
}
