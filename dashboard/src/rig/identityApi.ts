import type { RigIdentity } from "@hashwatt/protocol/identity";
import { getJson, sendJson } from "../feed/fetchApi.js";

const pathOf = (id: string, what: string) => `/api/rigs/${encodeURIComponent(id)}/${what}`;
/** A change that is not given up halfway: it has no signal to abort it by. */
const tell = (id: string, what: string, body?: unknown) =>
  sendJson<{ id: string }>("POST", pathOf(id, what), body, new AbortController().signal);

/** How a rig is told apart; code "missing" when there is no such rig. */
export const fetchIdentity = (id: string, signal: AbortSignal) =>
  getJson<RigIdentity>(pathOf(id, "identity"), signal);
/** Says that a rig is the same as `into`, which has its names and its history from then on. */
export const mergeRig = (id: string, into: string) => tell(id, "merge", { into });
/** Says that what answers as a rig is another one from now on; answers with that one's id. */
export const splitRig = (id: string) => tell(id, "split");
/** Takes back that a rig was merged or split. */
export const undoRig = (id: string) => tell(id, "undo");
