import type { ReplayView } from "@hashwatt/protocol/replays";
import { getJson, sendJson } from "../feed/fetchApi.js";

const pathOf = (id: string): string => `/api/replays/${encodeURIComponent(id)}`;

/** Replays that run. */
export const fetchReplays = (signal: AbortSignal) => getJson<ReplayView[]>("/api/replays", signal);
/** Where a replay is; code "missing" once it has ended. */
export const fetchReplay = (id: string, signal: AbortSignal) => getJson<ReplayView>(pathOf(id), signal);
/** Begins a replay; instants are epoch ms. */
export const startReplay = (
  wish: { from: number; to: number; speed: number },
  signal: AbortSignal,
): Promise<ReplayView> => sendJson("POST", "/api/replays", wish, signal);
/** Pauses, goes on, goes elsewhere (`at`, epoch ms), or at another speed. */
export const changeReplay = (
  id: string,
  wish: { playing?: boolean; at?: number; speed?: number },
  signal: AbortSignal,
): Promise<ReplayView> => sendJson("PATCH", pathOf(id), wish, signal);
