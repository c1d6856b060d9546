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

/** Which points are looked at, and by which of their sums. */
interface Look {
  measurement: string;
  sums: readonly string[];
  where: string;
  written: ReadonlySet<string>;
  /** Those of other sites are left alone; absent where it is not a matter of sites. */
  sites?: ReadonlySet<string>;
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
  const ofLedger = { sums: LEDGER_SUMS, where: time, written, sites };
  if (name === LEDGER) return emptied(ask, { measurement: SITE_LEDGER, ...ofLedger });
  if (name === RIG_LEDGER_HOURS) return emptied(ask, { measurement: RIG_LEDGER, ...ofLedger });
  const lines: string[] = [];
  if (name !== String(BUCKET_MS) && name !== String(HOUR_MS)) return lines;
  for (let first = 0; first < moved.length; first += RIG_SLICE) {
    const rigs = moved.slice(first, first + RIG_SLICE).map(rigTag);
    const where = `${time} AND "rig" =~ /^(${rigs.join("|")})$/`;
    lines.push(...(await emptied(ask, { measurement: RIG, sums: RIG_SUMS, where, written })));
  }
  return lines;
}

async function emptied(ask: AskPoints, look: Look): Promise<string[]> {
  // Looked for by a few fields, since there is seldom anything; what a point has of the others is asked for then.
  const found = await left(ask, { ...look, sums: look.sums.slice(0, 3) });
  return found.length ? left(ask, look) : [];
}

/** Points, of `sites` where these are given, that are not among what is written and of which a sum is other than 0, as lines in which it is. */
async function left(ask: AskPoints, { measurement, sums, where, written, sites }: Look): Promise<string[]> {
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
