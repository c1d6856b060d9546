import { type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { AgentError } from "./agentError.js";
import type { AgentConfig } from "./config.js";

/** How often the file is looked at. */
const LOOK_MS = 1_000;

/** What watching a config file needs. */
export interface ConfigWatching {
  /** The file, read and checked. Throws `config`. */
  load(): AgentConfig;
  /** Takes a config up that differs from the one before. */
  apply(config: AgentConfig, before: AgentConfig): void;
  clock: Clock;
  log: Logger;
}

/** Files that make a config: itself and those that hold the rigs' passwords. */
const filesOf = (path: string, { logins }: AgentConfig): string[] => [
  path,
  ...logins.flatMap(({ passwordFile }) => passwordFile ?? []),
];

const GONE = "gone";
const told = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs} ${size} ${ino}`;

async function markOf(files: readonly string[]): Promise<string> {
  const marks = await Promise.all(files.map((file) => stat(file).then(told, () => GONE)));
  return marks.join("\n");
}

/** The same at once: an edit right after the start must not pass for what was read at the start. */
function markNow(files: readonly string[]): string {
  const marks = files.map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats ? told(stats) : GONE;
  });
  return marks.join("\n");
}

/**
 * Takes up what is changed in a config file while the agent runs, once it has been left alone for a second. What cannot be
 * read leaves everything as it is, and says so in one line until it is mended. Ends when disposed.
 */
export function watchConfig(path: string, first: AgentConfig, watching: ConfigWatching): Disposable {
  const { load, apply, clock, log } = watching;
  let config = first;
  let files = filesOf(path, first);
  let taken = markNow(files);
  let seen: string | undefined;
  let looking = false;
  const look = async () => {
    const mark = await markOf(files);
    const isCalm = mark === seen;
    seen = mark;
    // Editors write in several steps.
    if (mark === taken || !isCalm) return;
    taken = mark;
    try {
      const next = load();
      const before = config;
      config = next;
      files = filesOf(path, next);
      taken = seen = await markOf(files);
      apply(next, before);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      log.warn({ reason: error.message }, "config not taken, the former one goes on");
    }
  };
  const run = () => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => log.error({ err: error }, "config not looked at"))
      .finally(() => {
        looking = false;
      });
  };
  run();
  return clock.every(LOOK_MS, run);
}
