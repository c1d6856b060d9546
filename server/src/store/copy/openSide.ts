import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import type { InfluxConfig } from "../../config/influx.js";
import { ServerError } from "../../error.js";
import { DuckTelemetryStore } from "../duck/telemetry.js";
import { Influx } from "../influx/influx.js";
import { InfluxTelemetryStore } from "../influx/telemetry.js";
import { makeFolder } from "../makeFolder.js";
import type { StateStore } from "../state/state.js";
import type { TelemetryStore } from "../store.js";
import type { Side } from "./sides.js";

/** How far back a source is read, whatever this server keeps: further back there were no such rigs. */
const SOURCE_DAYS = 3_650;

/** What opening stands on. */
export interface OpenSideParts {
  /** The running server's own store. */
  own: TelemetryStore;
  state: Pick<StateStore, "bucketsTouched" | "rigs">;
  keep: { rawDays: number; rollupDays: number };
  clock: Clock;
}

/** One end of a copy, open; disposing closes it, but for the server's own. */
export interface OpenSide extends AsyncDisposable {
  store: TelemetryStore;
  /** Points that it was given and will not hold. */
  readonly lost: { count: number; why: string };
}

/** Opens one end of a copy. Throws ServerError `badRequest` for a source that is not there, and as the stores do. */
export async function openSide(
  side: Side,
  role: "source" | "target",
  parts: OpenSideParts,
): Promise<OpenSide> {
  const lost = { count: 0, why: "" };
  if (side.kind === "duckdb") {
    if (side.own) return { store: parts.own, lost, [Symbol.asyncDispose]: async () => undefined };
    if (role === "source" && !existsSync(side.path))
      throw new ServerError("badRequest", `from: there is no ${side.path}; say duckdb:FOLDER`);
    makeFolder(dirname(side.path));
    const { store } = await DuckTelemetryStore.open({
      path: side.path,
      nowMs: () => parts.clock.nowMs(),
      report: () => undefined,
      damaged: "throw",
    });
    return { store, lost, [Symbol.asyncDispose]: () => store.close() };
  }
  return openInflux(side.influx, role, parts, lost);
}

/** A source is as it is: none of its databases is made, and no retention of it changed, which would end what it holds. */
async function openInflux(
  config: InfluxConfig,
  role: "source" | "target",
  { state, clock, keep }: OpenSideParts,
  lost: { count: number; why: string },
): Promise<OpenSide> {
  const isSource = role === "source";
  // A connection of its own, with one write at a time, so that what is live has its own way beside it.
  const influx = new Influx({
    config: { ...config, maxInFlight: 1, create: config.create && !isSource },
    clock,
    keep: isSource ? { ...keep, rawDays: Math.max(keep.rawDays, SOURCE_DAYS) } : keep,
    rawOnly: isSource,
  });
  if (isSource)
    await influx.ready().catch((cause: unknown) => {
      influx.close();
      if (!(cause instanceof ServerError) || cause.code !== "storeMissing") throw cause;
      throw new ServerError(
        "badRequest",
        `from: InfluxDB at ${influx.url} has no database "${config.database}"; say which with --influx-database`,
        { cause },
      );
    });
  const store = new InfluxTelemetryStore({
    influx,
    state: withoutMarks(state),
    nowMs: () => clock.nowMs(),
    lost: ({ count, why }) => {
      lost.count += count;
      lost.why = why;
    },
  });
  return { store, lost, [Symbol.asyncDispose]: () => store.close() };
}

/** The state as a copy sees it: it moves no marks, and notes nothing of what it writes. */
const withoutMarks = (state: OpenSideParts["state"]) => ({
  streamMarks: async () => [],
  putStreamMarks: async () => undefined,
  dropStreamMarks: async () => undefined,
  bucketsTouched: (receivedMs: number) => state.bucketsTouched(receivedMs),
  rigs: () => state.rigs(),
});
