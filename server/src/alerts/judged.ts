import type { AlertSubject, AlertView } from "@hashwatt/protocol/http";
import { rigId } from "../fleet/rigDetail.js";
import type { RigView } from "../fleet/rigView.js";
import type { Facts } from "./facts.js";

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
}

/** The key under which the book of its kind keeps an alert. */
export const keyOfAlert = ({ rig, subject }: Pick<AlertView, "rig" | "subject">): string | number =>
  rig ?? `${subject.kind} ${subject.id}`;

/** A rig as alerts name it. */
export const rigSubject = ({ rig, record }: RigView): AlertSubject => ({
  kind: "rig",
  id: rigId(rig),
  name: record.name,
});

/** Rigs, by their number. */
export const RIGS: Judged<RigView> = {
  key: ({ rig }) => rig,
  identity: (view) => ({
    site: view.record.site,
    subject: rigSubject(view),
    rig: view.rig,
    rigName: view.record.name,
    ...(view.record.evidence.model !== undefined && { model: view.record.evidence.model }),
  }),
  isStale: ({ stale }) => stale,
};

/** Sites, agents, pools, the server and the market, by kind and id. */
export const FACTS: Judged<Facts> = {
  key: ({ kind, id }) => `${kind} ${id}`,
  identity: ({ kind, id, name, site }) => ({ site, subject: { kind, id, name } }),
  isStale: () => false,
};
