import type { AlertView } from "@hashwatt/protocol/http";
import { MAX_OPEN_ALERTS } from "@hashwatt/protocol/live";
import type { Format } from "../format.js";

/** What is missing of the open alerts: nothing, some of those that stand under another, some that are pending too, or any. */
export type AlertsCut = "none" | "parts" | "pending" | "alerts";

/**
 * What a snapshot leaves out: one that is full ends somewhere. Those that stand under another are at its end, and before these what is
 * pending and no danger.
 */
export function cutOf(snapshot: readonly AlertView[]): AlertsCut {
  const open = snapshot.filter(({ state }) => state !== "resolved");
  // A replay sends more where there are more.
  if (open.length !== MAX_OPEN_ALERTS) return "none";
  if (open.some(({ partOf }) => partOf !== undefined)) return "parts";
  return open.some(({ state, severity }) => state === "pending" && severity !== "danger")
    ? "pending"
    : "alerts";
}

/** How many open alerts there are, of which `n` are known: "12", "2,000+" where more may be, "?" where only more may be. */
export const openCount = (format: Pick<Format, "number">, n: number, mayBeMore: boolean): string =>
  n === 0 && mayBeMore ? "?" : format.number(n, 0) + (mayBeMore ? "+" : "");
