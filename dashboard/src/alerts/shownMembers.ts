import type { AlertMember, AlertSubject, AlertView } from "@hashwatt/protocol/http";

/** A member on the screen; of one that only the alert itself names no rig and no reason is known. */
export interface ShownMember {
  id: string;
  subject: AlertSubject;
  rig?: number | undefined;
  reason: string;
}

/** Whether the server has all members: it does of an alert that is open now, not of one that has ended or of the past. */
export const hasAllMembers = ({ state }: Pick<AlertView, "state">, inReplay: boolean): boolean =>
  state !== "resolved" && !inReplay;

/**
 * The members that an alert itself names, fifty at most of those that it had last. `of` is how many it had at most, where it names fewer.
 */
export function namedMembers({ members }: Pick<AlertView, "members">): { all: ShownMember[]; of?: number } {
  const { count = 0, peak = 0, subjects = [] } = members ?? {};
  const of = Math.max(count, peak);
  return {
    all: subjects.map((subject) => ({ id: `${subject.kind} ${subject.id}`, subject, reason: "" })),
    ...(of > subjects.length && { of }),
  };
}

/** The members that are shown: those that were fetched, or those that the alert names; undefined while they are to come. */
export function shownMembers(
  alert: Pick<AlertView, "state" | "members">,
  inReplay: boolean,
  fetched: readonly AlertMember[] | undefined,
): { all: readonly ShownMember[]; of?: number } | undefined {
  if (!hasAllMembers(alert, inReplay)) return namedMembers(alert);
  return fetched && { all: fetched };
}
