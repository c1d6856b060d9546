import type { AlertView } from "@hashwatt/protocol/http";
import { MAX_OPEN_ALERTS } from "@hashwatt/protocol/live";
import type { Format } from "../format.js";

/** What is missing of the open alerts: nothing, some of those that stand under another, or some that stand for themselves too. */
export type AlertsCut = "none" | "parts" | "alerts";

/** What a snapshot leaves out: one that is full ends somewhere, and those that stand under another are at its end. */
export function cutOf(snapshot: readonly AlertView[]): AlertsCut {
  const open = snapshot.filter(({ state }) => state !== "resolved");
  // A replay sends more where there are more.
  if (open.length !== MAX_OPEN_ALERTS) return "none";
  return open.some(({ partOf }) => partOf !== undefined) ? "parts" : "alerts";
}

/** How many open alerts stand for themselves, of those that are known: "12", or "2,000+" where more may be. */
export const openCount = (format: Pick<Format, "number">, n: number, cut: AlertsCut): string =>
  format.number(n, 0) + (cut === "alerts" ? "+" : "");
