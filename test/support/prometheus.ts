import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { freePort } from "./ports.js";
import { type Program, startProgram } from "./program.js";
import { programs } from "./programs.js";

/** A real Prometheus that keeps its data in a test's folder. */
export interface Prometheus {
  readonly program: Program;
  /** The value of each series that an expression has now, by its labels as JSON, sorted by name. */
  query(expression: string): Promise<Map<string, number>>;
  /** What became of the latest scrape of each target. */
  targets(): Promise<{ health: string; lastError: string }[]>;
}

/** Starts Prometheus with a config file, on a port of 127.0.0.1. */
export async function startPrometheus(options: { config: string; folder: string }): Promise<Prometheus> {
  if (!programs.prometheus) throw new Error("prometheus is not installed: apt-get install prometheus");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram(programs.prometheus, [
    `--config.file=${options.config}`,
    `--storage.tsdb.path=${join(options.folder, "prometheus")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await program.waitFor("Server is ready to receive web requests", 30_000);
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${path}`);
    const body = (await answer.json()) as { status: string; error?: string; data: T };
    if (body.status !== "success") throw new Error(`${path}: ${body.error}`);
    return body.data;
  };
  return {
    program,
    async query(expression) {
      const { result } = await get<{
        result: { metric: Record<string, string>; value: [number, string] }[];
      }>(`query?query=${encodeURIComponent(expression)}`);
      return new Map(
        result.map(({ metric, value }) => [
          JSON.stringify(Object.fromEntries(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))),
          Number(value[1]),
        ]),
      );
    },
    async targets() {
      return (await get<{ activeTargets: { health: string; lastError: string }[] }>("targets")).activeTargets;
    },
  };
}

/** Runs `promtool`; returns its exit code and all it said. */
export function promtool(args: readonly string[], input = ""): { code: number | null; said: string } {
  if (!programs.promtool) throw new Error("promtool is not installed: apt-get install prometheus");
  const { status, stdout, stderr } = spawnSync(programs.promtool, args, { input, encoding: "utf8" });
  return { code: status, said: stdout + stderr };
}
