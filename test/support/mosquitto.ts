import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Program, startProgram } from "./program.js";
import { programs } from "./programs.js";

/** What a mosquitto is started with; `extra` are further lines of its config. */
export interface MosquittoOptions {
  port: number;
  folder: string;
  anonymous?: boolean;
  extra?: string[];
}

/** Starts a real mosquitto on a port of 127.0.0.1 with a config of its own. */
export async function startMosquitto(options: MosquittoOptions): Promise<Program> {
  const broker = launchMosquitto(options);
  await mosquittoListens(broker);
  return broker;
}

/** Resolves once it listens. */
export const mosquittoListens = (broker: Program): Promise<string> =>
  broker.waitFor(/running|Opening ipv4 listen socket/, 10_000);

/** Starts the process alone. */
export function launchMosquitto(options: MosquittoOptions): Program {
  if (!programs.mosquitto) throw new Error("mosquitto is not installed: apt-get install mosquitto");
  const config = join(options.folder, `mosquitto-${options.port}.conf`);
  writeFileSync(
    config,
    [
      `listener ${options.port} 127.0.0.1`,
      `allow_anonymous ${options.anonymous ?? true}`,
      "persistence false",
      // As root it would change to a user that may not read a test's folder.
      "user root",
      "log_type error",
      "log_type warning",
      "log_type notice",
      ...(options.extra ?? []),
      "",
    ].join("\n"),
  );
  return startProgram(programs.mosquitto, ["-c", config, "-v"]);
}
