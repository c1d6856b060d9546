import type {
  ChangePreview,
  Setting,
  SettingChanged,
  SettingsImport,
  SiteChange,
  SiteSettings,
  TariffPreview,
} from "@hashwatt/protocol/settings";
import { getJson, query, sendJson } from "../feed/fetchApi.js";

/** Kinds of documents that the page knows, as they stand in paths and files. */
export const COLLECTIONS = ["tariffs", "pools", "contracts", "overhead", "costs", "sources"] as const;
export type Collection = (typeof COLLECTIONS)[number];
/** A document's body as it is written. */
export type Body = Record<string, unknown>;

/** A change that is not given up halfway: it has no signal to abort it by. */
const send = <T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<T> => sendJson<T>(method, path, body, new AbortController().signal, headers);

export const fetchSiteSettings = (signal: AbortSignal) =>
  getJson<SiteSettings[]>("/api/settings/sites", signal);
/** Sets a site; refused where it was changed since it was read. */
export const putSite = (site: string, change: SiteChange, etag: string | undefined) =>
  send<SiteSettings>(
    "PUT",
    `/api/settings/sites/${encodeURIComponent(site)}`,
    change,
    etag === undefined ? { "if-none-match": "*" } : { "if-match": etag },
  );

export const fetchDocuments = (collection: Collection, signal: AbortSignal) =>
  getJson<Setting[]>(`/api/settings/${collection}`, signal);
const pathOf = (collection: Collection, site: string, id: string) =>
  `/api/settings/${collection}/${encodeURIComponent(id)}?${query({ site })}`;
export const putDocument = (
  collection: Collection,
  site: string,
  id: string,
  body: Body,
  etag: string | undefined,
) =>
  send<SettingChanged>(
    "PUT",
    pathOf(collection, site, id),
    body,
    etag === undefined ? { "if-none-match": "*" } : { "if-match": etag },
  );
export const removeDocument = (collection: Collection, { site, id, etag }: Setting) =>
  send<SettingChanged>("DELETE", pathOf(collection, site, id), undefined, { "if-match": etag });

/** What tariffs would come to: the site's own, each of `tariffs` in the place of one of its id, without those of `without`. */
export const previewTariffs = (site: string, tariffs: readonly Body[], without: readonly string[] = []) =>
  send<TariffPreview>("POST", "/api/settings/preview", { site, tariffs, without });
/** Which hours a change of one document would price anew. */
export const previewChange = (collection: Collection, site: string, body: Body) =>
  send<ChangePreview>("POST", `/api/settings/${collection}/preview?${query({ site })}`, { put: [body] });
/** Takes a file of settings, or only says what it would do. */
export const importYaml = (yaml: string, dryRun: boolean) =>
  send<SettingsImport>("POST", `/api/settings/import?${query({ dryRun: String(dryRun) })}`, { yaml });
