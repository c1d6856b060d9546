import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import type { InfluxSeries } from "./client.js";
import { RIG, rigTag } from "./fields.js";
import { LEDGER, RIG_LEDGER_HOURS } from "./mirrorLines.js";
import { LEDGER_SUMS, RIG_LEDGER, RIG_SUMS, SITE_LEDGER, tag } from "./rollupLines.js";

/** Rigs that are asked for in one statement. */
const RIG_SLICE = 200;

/** Asks an InfluxDB one statement. */
export type AskPoints = (statement: string) => Promise<InfluxSeries[]>;

/** What of a range is written: keys of its lines, the rigs that have moved, and the sites of which there are lines. */
export interface WrittenNow {
  written: ReadonlySet<string>;
  moved: readonly number[];
  sites: ReadonlySet<string>;
}

/** Series and time of a line: what a point is told apart by. A space within a tag has a backslash before it. */
export const keyOf = (line: string): string =>
  `${/^(?:\\.|[^ \\])+/.exec(line)?.[0]} ${line.slice(line.lastIndexOf(" ") + 1)}`;

/**
 * Lines that take out of a range of what goes by `name` what it does not have any more: hours of a rig at a site where it did not stand,
 * or of an algorithm that it did not work on, as was thought before. Not every InfluxDB can delete a point, so that every sum of it
 * becomes 0, which adds nothing to any. `written` are the keys of what there is; of rollups only rigs that have moved may be elsewhere.
 * Hours of the ledger at a site that is not among `sites` are left alone: of one that was removed, or is another server's, nothing is
 * written, so that what is not written says nothing of it.
 */
export async function voidLines(
  ask: AskPoints,
  name: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { written, moved, sites }: WrittenNow,
): Promise<string[]> {
  const time = `time >= ${fromMs}ms AND time < ${toMs}ms`;
  if (name === LEDGER) return emptied(ask, SITE_LEDGER, LEDGER_SUMS, time, written, sites);
  if (name === RIG_LEDGER_HOURS) return emptied(ask, RIG_LEDGER, LEDGER_SUMS, time, written, sites);
  const lines: string[] = [];
  if (name !== String(BUCKET_MS) && name !== String(HOUR_MS)) return lines;
  for (let first = 0; first < moved.length; first += RIG_SLICE) {
    const rigs = moved.slice(first, first + RIG_SLICE).map(rigTag);
    const of = `${time} AND "rig" =~ /^(${rigs.join("|")})$/`;
    lines.push(...(await emptied(ask, RIG, RIG_SUMS, of, written)));
  }
  return lines;
}

async function emptied(
  ask: AskPoints,
  measurement: string,
  sums: readonly string[],
  where: string,
  written: ReadonlySet<string>,
  sites?: ReadonlySet<string>,
): Promise<string[]> {
  // Looked for by a few fields, since there is seldom anything; what a point has of the others is asked for then.
  const found = await left(ask, measurement, sums.slice(0, 3), where, written, sites);
  return found.length ? left(ask, measurement, sums, where, written, sites) : [];
}

/** Points, of `sites` where these are given, that are not among what is written and of which a sum is other than 0, as lines in which it is. */
async function left(
  ask: AskPoints,
  measurement: string,
  sums: readonly string[],
  where: string,
  written: ReadonlySet<string>,
  sites?: ReadonlySet<string>,
): Promise<string[]> {
  const lines: string[] = [];
  const fields = sums.map((name) => `"${name}"`).join(", ");
  for (const { tags, columns, values } of await ask(
    `SELECT ${fields} FROM "${measurement}" WHERE ${where} GROUP BY *`,
  )) {
    if (sites && !sites.has(tags.site ?? "")) continue;
    // What has no such tag, as an InfluxDB tells the tags of all series, has an empty one.
    const own = Object.entries(tags).filter(([, value]) => value !== "");
    const named = own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `,${key}=${tag(value)}`);
    const series = `${measurement}${named.join("")}`;
    const time = columns.indexOf("time");
    for (const row of values) {
      if (written.has(`${series} ${row[time]}`)) continue;
      const known = columns.filter((_, c) => c !== time && typeof row[c] === "number");
      if (known.some((name) => row[columns.indexOf(name)] !== 0))
        lines.push(`${series} ${known.map((name) => `${name}=0`).join(",")} ${row[time]}`);
    }
  }
  return lines;
}
