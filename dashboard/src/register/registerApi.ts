import type {
  ExpectedRig,
  RegisterEntry,
  RegisterImport,
  RegisterPreview,
} from "@hashwatt/protocol/register";
import { sendJson } from "../feed/fetchApi.js";

/** A change that is not given up halfway: it has no signal to abort it by. */
const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  sendJson<T>(method, path, body, new AbortController().signal);
const pathOf = (id: string) => `/api/register/${encodeURIComponent(id)}`;

/** What is to be changed of an entry; null takes a value away. */
export type EntryChange = { [K in keyof ExpectedRig]?: ExpectedRig[K] | null };

export const addExpected = (rig: ExpectedRig) =>
  send<RegisterImport>("POST", "/api/register", { entries: [rig] });
export const changeExpected = (id: string, change: EntryChange) =>
  send<RegisterEntry>("PATCH", pathOf(id), change);
export const removeExpected = (id: string) => send<{ id: string }>("DELETE", pathOf(id));
/** What an import of a CSV file would do; nothing is changed. */
export const previewCsv = (csv: string) => send<RegisterPreview>("POST", "/api/register/preview", { csv });
export const importCsv = (csv: string) => send<RegisterImport>("POST", "/api/register", { csv });
