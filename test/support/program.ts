import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A program under test, as its operator sees it: command line, output, signals. */
export interface Program {
  readonly pid: number;
  /** Every line it printed, on either stream, newest last; bounded. */
  readonly lines: readonly string[];
  /** Resolves with the first line (past or to come) that holds the text; rejects when the program ends or time is up. */
  waitFor(text: string | RegExp, timeoutMs?: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with exit code (or signal name) once it is gone. */
  readonly exit: Promise<number | NodeJS.Signals>;
  /** SIGTERM, then SIGKILL after 8 s. */
  stop(): Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const MAX_LINES = 20_000;

/** Where and as whom a program runs. */
export interface ProgramOptions {
  /** Added to the environment of this process, or with `bare` all that there is. */
  env?: Record<string, string>;
  bare?: boolean;
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** Starts any program; the environment is this process's, less what would colour output. */
export function startProgram(
  command: string,
  args: readonly string[],
  { env, bare = false, cwd = root, ...user }: ProgramOptions = {},
): Program {
  const child = spawn(command, args, {
    ...user,
    cwd,
    env: bare ? env : { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of [...waiting]) check();
  };
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > MAX_LINES) lines.shift();
      wake();
    });
  let ended: number | NodeJS.Signals | undefined;
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("error", (error) => lines.push(String(error)));
    child.once("close", (code, signal) => {
      running.delete(child);
      ended = signal ?? code ?? -1;
      wake();
      resolve(ended);
    });
  });
  const shown = [command.split("/").at(-1), ...args].join(" ");
  return {
    pid: child.pid ?? -1,
    lines,
    exit,
    signal: (signal) => void child.kill(signal),
    waitFor(text, timeoutMs = 45_000) {
      return new Promise((resolve, reject) => {
        const matches = (line: string) => (typeof text === "string" ? line.includes(text) : text.test(line));
        const done = () => {
          waiting.delete(check);
          clearTimeout(timer);
        };
        const check = () => {
          const line = lines.find(matches);
          if (line !== undefined) {
            done();
            resolve(line);
          } else if (ended !== undefined) {
            done();
            reject(
              new Error(
                `${shown} ended with ${ended} before it said ${text}:\n${lines.slice(-30).join("\n")}`,
              ),
            );
          }
        };
        const timer = setTimeout(() => {
          done();
          reject(
            new Error(`${shown} did not say ${text} within ${timeoutMs} ms:\n${lines.slice(-30).join("\n")}`),
          );
        }, timeoutMs);
        waiting.add(check);
        check();
      });
    },
    async stop() {
      if (ended === undefined) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 8_000);
      const how = await exit;
      clearTimeout(timer);
      return how;
    },
  };
}

/** Starts one of our built programs. */
export function startOurs(
  name: "agent" | "server" | "simulator",
  args: readonly string[],
  options: { env?: Record<string, string>; nodeArgs?: string[] } = {},
): Program {
  return startProgram(
    process.execPath,
    [...(options.nodeArgs ?? []), `${root}${name}/program/main.js`, ...args],
    options,
  );
}
