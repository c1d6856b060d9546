import type { Clock } from "@hashwatt/protocol/time";
import type { ServerConfig } from "../config.js";
import { ServerError } from "../error.js";
import { Influx } from "../store/influx/influx.js";
import { type FileReport, inspectStores } from "../store/inspect.js";
import { listExports } from "../store/state/export.js";
import { bad, doubtful, type Finding, good } from "./finding.js";

/** Looks at the stores of a config that no server of ours has open. Makes and changes nothing. */
export async function checkStore(
  store: ServerConfig["store"],
  dataDir: string,
  clock: Pick<Clock, "after" | "nowMs">,
): Promise<Finding> {
  if (store.kind === "memory") return good("store", "memory, which is forgotten when the server stops");
  return store.kind === "influxdb" ? checkInflux(store, dataDir, clock) : checkFiles(dataDir);
}

async function checkFiles(dataDir: string): Promise<Finding> {
  const { state, telemetry } = await inspectStores(dataDir);
  // What is in the state file nothing else holds; raw samples can begin anew, and do.
  if (state.problem) return stateProblem(state, state.problem, dataDir);
  if (telemetry.problem)
    return telemetry.problem.code === "storeDamaged"
      ? doubtful("store", tell(telemetry, "the next start sets it aside and says what was lost"))
      : bad("store", tell(telemetry, "raw samples are not read"));
  if (!state.exists && !telemetry.exists)
    return good("store", "duckdb, no files yet: the first start makes them");
  return good("store", `duckdb, ${counted(state, "rigs known")}, ${counted(telemetry, "samples")}`);
}

async function stateProblem(state: FileReport, problem: ServerError, dataDir: string): Promise<Finding> {
  const [newest] = problem.code === "storeDamaged" ? await listExports(dataDir) : [];
  return newest === undefined
    ? bad("store", tell(state, "the state is not read"))
    : doubtful("store", tell(state, `the next start sets it aside and restores ${newest}`));
}

const tell = ({ problem }: FileReport, what: string): string => `${problem?.message}; ${what}`;

const counted = ({ exists, rows }: FileReport, what: string): string =>
  exists ? `${rows} ${what}` : `no file of ${what} yet`;

/** Whether the InfluxDB answers, has our databases, and lets us read and write them; and the state file beside it. */
async function checkInflux(
  { influx: config, rawDays, rollupDays }: ServerConfig["store"],
  dataDir: string,
  clock: Pick<Clock, "after" | "nowMs">,
): Promise<Finding> {
  const { state } = await inspectStores(dataDir);
  if (state.problem) return stateProblem(state, state.problem, dataDir);
  const rigs = counted(state, "rigs known");
  const notes: string[] = [];
  const look = { ...config!, create: false };
  const influx = new Influx({
    config: look,
    clock,
    keep: { rawDays, rollupDays },
    note: (text) => notes.push(text),
  });
  try {
    const { version } = await influx.ready();
    const { raw, fiveMinutes, hours } = influx.databases;
    for (const { name } of [raw, fiveMinutes, hours]) await influx.mayWrite(name);
    const [last] = await influx.query(raw.name, "SELECT last(intervalMs) FROM rig");
    const atMs = last?.values[0]?.[last.columns.indexOf("time")];
    const newest =
      typeof atMs === "number" ? `newest sample of ${new Date(atMs).toISOString()}` : "no sample yet";
    const text = `InfluxDB ${version} at ${influx.url}, ${newest}, ${rigs}`;
    return notes.length ? doubtful("store", `${text}; ${notes.join("; ")}`) : good("store", text);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.code === "storeMissing" && config!.create)
      return good(
        "store",
        `InfluxDB at ${influx.url} answers, and the start makes the databases it lacks; ${rigs}`,
      );
    return bad("store", error.message);
  } finally {
    influx.close();
  }
}
