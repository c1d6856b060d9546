import { z } from "zod";
import { ServerError } from "../error.js";
import type { KnownRig } from "../rollup/fold.js";
import type { CopyDone, CopyPosition } from "../store/copy/copyHistory.js";
import { inFolder, type Side, sideOf, sideSchema } from "../store/copy/sides.js";
import type { StateStore } from "../store/state/state.js";
import type { StoredSample, TelemetryStore } from "../store/store.js";
import { jobKind } from "./job.js";

const DAY_MS = 86_400_000;

const params = z.strictObject({
  from: sideSchema,
  to: sideSchema,
  /** Begins anew instead of where a former copy between these two has stopped. */
  restart: z.boolean().default(false),
});

const shownSide = (side: z.infer<typeof sideSchema>): string =>
  side.kind === "duckdb"
    ? `duckdb${side.path === undefined ? "" : `:${side.path}`}`
    : `influxdb${side.influx ? `:${side.influx.url}/${side.influx.database}` : ""}`;

/** Copies raw samples between DuckDB and InfluxDB, both ways, while the server runs; it goes on where it has stopped. */
export const copy = jobKind<z.infer<typeof params>>({
  kind: "copy",
  summary:
    "Copies raw samples, boards and fans between DuckDB and InfluxDB; goes on where a former copy has stopped",
  params,
  unit: "samples",
  shown: ({ from, to, restart }) => ({
    from: shownSide(from),
    to: shownSide(to),
    ...(restart && { restart }),
  }),
  async check({ from, to }, { config }) {
    const sides = { from: sideOf(from, "from", config), to: sideOf(to, "to", config) };
    if (sides.from.kind === sides.to.kind)
      throw new ServerError(
        "badRequest",
        `to: both sides are ${sides.to.kind}; between folders of DuckDB go backup and restore, and an InfluxDB has its own means`,
      );
  },
  async run(asked, { telemetry, state, config, rigs, clock }, { signal, progress }) {
    // Loaded with the first copy: most servers never make one.
    const [{ copyHistory }, { openSide }, { refuseOtherRigs }] = await Promise.all([
      import("../store/copy/copyHistory.js"),
      import("../store/copy/openSide.js"),
      import("../store/copy/sameRigs.js"),
    ]);
    const [from, to] = [sideOf(asked.from, "from", config), sideOf(asked.to, "to", config)];
    for (const side of [from, to])
      if (side.kind === "duckdb" && !inFolder(side.path, config.store.dataDir))
        await refuseOtherRigs(side.path, [...rigs()]);
    const parts = { own: telemetry, state, keep: config.store, clock };
    await using source = await openSide(from, "source", parts);
    await using target = await openSide(to, "target", parts);
    const key = `copy ${from.id} ${to.id}`;
    const kept = asked.restart ? undefined : await positionAt(state, key);
    const goOn = kept !== undefined && (await holdsBefore(target.store, kept.doneToMs));
    const done = await copyHistory({
      source: source.store,
      target: target.store,
      overwrites: to.kind === "influxdb",
      // Of its own file the server is about to drop what is older; any other source is copied as far back as it goes.
      fromMs: from.own && from.kind === "duckdb" ? clock.nowMs() - config.store.rawDays * DAY_MS : 0,
      position: goOn ? kept : undefined,
      keep: (position) => state.putSetting(key, JSON.stringify(position)),
      nowMs: clock.nowMs(),
      prepare: prepareFor(rigs, from),
      signal,
      progress,
    });
    // The marks of a store that is not in use are of another time: streams that go on would seem to have lost batches.
    if (!to.own) await target.store.dropMarks(Number.MAX_SAFE_INTEGER);
    const said = sentences(done, from, to, target.lost);
    if (kept && !goOn && Number.isFinite(kept.doneToMs))
      said.splice(1, 0, `${to.id} no longer holds what was copied to it before: it was copied anew`);
    return said;
  },
});

/** Gives each sample the site of its rig. Throws ServerError `copyFailed` for a rig that nobody knows. */
function prepareFor(rigs: () => Iterable<KnownRig>, from: Side): (sample: StoredSample) => StoredSample {
  let siteOf = new Map<number, string>();
  return (stored) => {
    // A rig may have become known since.
    if (!siteOf.has(stored.rig)) siteOf = new Map(Array.from(rigs(), ({ rig, site }) => [rig, site]));
    const site = siteOf.get(stored.rig);
    if (site === undefined)
      throw new ServerError(
        "copyFailed",
        `r${stored.rig} of ${from.id} is not known to this server: it is the history of another installation, and only a server on its state can copy it`,
      );
    return { ...stored, site };
  };
}

const positionSchema = z.object({
  // JSON has no −Infinity.
  doneToMs: z.number().nullable(),
  arrivedMs: z.number(),
  samples: z.number(),
});

/** Whether a target still has something of what was copied to it; one that was emptied or replaced must get it again. */
async function holdsBefore(target: Pick<TelemetryStore, "span">, doneToMs: number): Promise<boolean> {
  const span = await target.span();
  return span !== undefined && span.fromMs < doneToMs;
}

async function positionAt(
  state: Pick<StateStore, "setting">,
  key: string,
): Promise<CopyPosition | undefined> {
  const text = await state.setting(key);
  if (text === undefined) return undefined;
  const { doneToMs, ...position } = positionSchema.parse(JSON.parse(text));
  return { ...position, doneToMs: doneToMs ?? Number.NEGATIVE_INFINITY };
}

function sentences(
  { copied, held }: CopyDone,
  from: Side,
  to: Side,
  lost: { count: number; why: string },
): string[] {
  const said = [`${copied} samples copied from ${from.id} to ${to.id}`];
  if (held > 0) said.push(`${held} were there already`);
  if (lost.count > 0) said.push(`${lost.count} points were not taken: ${lost.why}`);
  // Readings lie under the numbers that this server's state gives the rigs: beside another state they would be other rigs'.
  if (!to.own && to.kind === "duckdb")
    said.push(
      "it holds readings only: use it with this server's state (hashwatt.duckdb, or a backup restored), never beside the state of another server",
    );
  if (!to.own)
    said.push(
      `to use it, start the server with store.kind ${to.kind}; then run the same copy again, for what arrived meanwhile`,
    );
  return said;
}
