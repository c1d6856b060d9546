import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { type InfluxConfig, influxSchema } from "../../config/influx.js";
import type { ServerConfig } from "../../config.js";
import { ServerError } from "../../error.js";
import { STATE_FILE, TELEMETRY_FILE } from "../inspect.js";

/** One end of a copy as it is asked for. What is left out is that of the running server's config. */
export const sideSchema = z.union([
  z.strictObject({
    kind: z.literal("duckdb"),
    /** A data folder, or a telemetry file itself, that no server uses but this one. */
    path: z
      .string()
      .min(1)
      .max(1_000)
      .refine(isAbsolute, "must be an absolute path on the server's machine")
      .optional(),
  }),
  z.strictObject({
    kind: z.literal("influxdb"),
    influx: influxSchema.omit({ tokenFile: true, passwordFile: true }).optional(),
  }),
]);
export type AskedSide = z.infer<typeof sideSchema>;

/** One end of a copy. `id` names the place, whoever uses it, and holds no secret. */
export type Side = { id: string; own: boolean } & (
  | { kind: "duckdb"; path: string }
  | { kind: "influxdb"; influx: InfluxConfig }
);

/** The end that is meant. Throws ServerError `badRequest`, with the name of the parameter before it. */
export function sideOf(asked: AskedSide, name: "from" | "to", { store }: Pick<ServerConfig, "store">): Side {
  const ownKind = store.kind === asked.kind;
  if (asked.kind === "duckdb") {
    const own = join(resolve(store.dataDir), TELEMETRY_FILE);
    const path = asked.path === undefined ? own : fileOf(asked.path);
    const stateFile = join(resolve(store.dataDir), STATE_FILE);
    // Two openings of one file damage it, and a state file holds no samples.
    if (basename(path) === STATE_FILE || basename(real(path)) === STATE_FILE || isSameFile(path, stateFile))
      throw new ServerError(
        "badRequest",
        `${name}: ${path} is a state file and holds no raw samples; name its folder, or the ${TELEMETRY_FILE} in it`,
      );
    return { kind: "duckdb", id: `duckdb:${real(path)}`, path, own: ownKind && isSameFile(path, own) };
  }
  const influx = asked.influx ?? store.influx;
  if (!influx)
    throw new ServerError(
      "badRequest",
      `${name}: the config of the running server has no store.influx; say which: influxdb:http://127.0.0.1:8086`,
    );
  const id = influxId(influx);
  const own = ownKind && store.influx !== undefined && id === influxId(store.influx);
  return { kind: "influxdb", id, influx, own };
}

const influxId = ({ url, database }: InfluxConfig): string =>
  `influxdb:${url.replace(/\/+$/, "")}/${database}`;

/** The telemetry file of a data folder, or the file itself. */
const fileOf = (path: string): string => (path.endsWith(".duckdb") ? path : join(path, TELEMETRY_FILE));

/** Whether a file lies in a folder, whatever either is called. */
export const inFolder = (path: string, folder: string): boolean =>
  real(dirname(path)) === real(resolve(folder));

/** Whether two paths lead to one file, by links of either kind too. */
function isSameFile(one: string, other: string): boolean {
  if (real(one) === real(other)) return true;
  if (!existsSync(one) || !existsSync(other)) return false;
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true }));
  return a!.ino === b!.ino && a!.dev === b!.dev;
}

/** The same file under another name is the same file. */
const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
