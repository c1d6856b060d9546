import type { AlertView } from "@hashwatt/protocol/http";

/** The server gives no more at once. */
const MOST = 5_000;

/**
 * What a text finds: alerts of which every word of it stands somewhere in name, model, site, severity, note, reason, or in the `more`
 * that the screen says of one. An empty text finds all.
 */
export function alertFinder(
  text: string,
  more: (alert: AlertView) => readonly string[],
): (alert: AlertView) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  return (alert) => {
    const { subject, rigName, model, site, severity, rule, reason, ack, members } = alert;
    const named = members?.subjects.map(({ name }) => name) ?? [];
    const all = [subject.name, rigName, model, site, severity, rule, reason, ack?.by, ack?.note, ...named];
    const said = [...all, ...more(alert)].join(" ").toLowerCase();
    return words.every((word) => said.includes(word));
  };
}

/**
 * The alerts that `isFound` finds, each with what it stands under: a group names only the first of its members, an outage none.
 * A member that has ended leads to a group that has ended too, since an open one does not stand for it any more.
 */
export function foundAlerts(
  known: readonly AlertView[],
  isFound: (alert: AlertView) => boolean,
): AlertView[] {
  const over = new Set(known.flatMap(({ id, state }) => (state === "resolved" ? [id] : [])));
  const found = new Set<string>();
  for (const alert of known) {
    if (!isFound(alert)) continue;
    const { id, partOf, state } = alert;
    found.add(id);
    if (partOf !== undefined && (state !== "resolved" || over.has(partOf))) found.add(partOf);
  }
  return known.filter(({ id }) => found.has(id));
}

/** Ended alerts that are asked for at once. */
const PAGE = 100;

/**
 * The next page of what has ended, of all that is `known`. It begins with the instant of the oldest known end, since others may
 * have ended in the same; those known of it come again, and the page is longer by them.
 */
export function olderPage(known: readonly AlertView[], nowMs: number): { beforeMs: number; limit: number } {
  let oldestMs = nowMs;
  let again = 0;
  for (const { state, resolvedMs } of known) {
    if (state !== "resolved" || resolvedMs === null || resolvedMs > oldestMs) continue;
    again = resolvedMs === oldestMs ? again + 1 : 1;
    oldestMs = resolvedMs;
  }
  return again + PAGE > MOST
    ? { beforeMs: oldestMs, limit: PAGE }
    : { beforeMs: oldestMs + 1, limit: again + PAGE };
}
