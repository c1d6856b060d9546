import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.js";
import { startProgram } from "./program.js";
import { programs } from "./programs.js";

/** A real server that answers InfluxDB 2.x's way to write, `/api/v2/write`, and stores what it is sent. */
export interface Victoria {
  readonly url: string;
  /** Values stored of one metric (`<measurement>_<field>`), with labels and times in ms. */
  stored(
    metric: string,
  ): Promise<{ labels: Record<string, string>; values: number[]; timestamps: number[] }[]>;
  /** Ends it and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts VictoriaMetrics on a port of 127.0.0.1 with a folder of its own. */
export async function startVictoria(): Promise<Victoria> {
  if (!programs.victoriaMetrics)
    throw new Error("victoria-metrics is not installed: apt-get install victoria-metrics");
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-victoria-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram(programs.victoriaMetrics, [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${folder}`,
    "-retentionPeriod=100y",
    "-memory.allowedBytes=64MB",
  ]);
  await program.waitFor(/starting http server|started VictoriaMetrics/, 30_000);
  return {
    url,
    async stored(metric) {
      // What was written shows in queries only after a flush.
      await fetch(`${url}/internal/force_flush`);
      const answer = await fetch(`${url}/api/v1/export?match[]=${encodeURIComponent(metric)}`);
      if (!answer.ok) throw new Error(`export of ${metric}: ${answer.status} ${await answer.text()}`);
      return (await answer.text())
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => {
          const { metric: labels, values, timestamps } = JSON.parse(line);
          return { labels, values, timestamps };
        });
    },
    async [Symbol.asyncDispose]() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
