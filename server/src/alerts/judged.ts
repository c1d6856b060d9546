import type { AlertView } from "@hashwatt/protocol/http";
import { rigId } from "../fleet/rigDetail.js";
import type { RigView } from "../fleet/rigView.js";
import type { StopState } from "./rules/rule.js";

/** Who an alert is about, as it says it. */
export type Identity = Pick<AlertView, "site" | "subject"> &
  Partial<Pick<AlertView, "rig" | "rigName" | "model">>;

/** What the book needs to know of those that it judges. */
export interface Judged<T> {
  /** Unique among them, and what an alert of theirs is found by: see {@link keyOfAlert}. */
  key(subject: T): string | number;
  identity(subject: T): Identity;
  /** Nothing new is known of it: what is not timed is unknown. */
  isStale(subject: T): boolean;
  isMuted?(subject: T): boolean;
  stop?(subject: T): StopState | undefined;
}

/** The key under which the book of its kind keeps an alert. */
export const keyOfAlert = ({ rig, subject }: Pick<AlertView, "rig" | "subject">): string | number =>
  rig ?? `${subject.kind} ${subject.id}`;

/** Rigs, by their number. */
export const RIGS: Judged<RigView> = {
  key: ({ rig }) => rig,
  identity: ({ rig, record }) => ({
    site: record.site,
    subject: { kind: "rig", id: rigId(rig), name: record.name },
    rig,
    rigName: record.name,
    ...(record.evidence.model !== undefined && { model: record.evidence.model }),
  }),
  isStale: ({ stale }) => stale,
};
