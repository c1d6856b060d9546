import type { RegionNotice } from "@hashwatt/protocol/settings";
import { type RegulatoryRow, readRegulatoryNotes } from "../bundledData.js";
import type { SiteRecord } from "../store/state/state.js";

/** Zones of the IANA database that lie in China, for a site of which no region is told. */
const CHINA = new Set([
  "Asia/Shanghai",
  "Asia/Urumqi",
  "Asia/Chongqing",
  "Asia/Chungking",
  "Asia/Harbin",
  "Asia/Kashgar",
  "PRC",
]);

let notes: { retrieved: string; rows: RegulatoryRow[] } | undefined;

/** What the law of a site's region says about mining, as far as the bundled notes know; empty where they know nothing. */
export function regionNotices({ gridRegion, zone }: Pick<SiteRecord, "gridRegion" | "zone">): RegionNotice[] {
  const region = gridRegion === "COUNTRY-CHN" ? "CN" : (gridRegion ?? (CHINA.has(zone) ? "CN" : undefined));
  if (region === undefined) return [];
  notes ??= readRegulatoryNotes();
  const { retrieved, rows } = notes;
  return rows
    .filter((row) => region === row.region || region.startsWith(`${row.region}-`))
    .map(({ region: of, status, fact, source, date }) => ({
      region: of,
      status,
      fact,
      source,
      date,
      retrieved,
    }));
}
