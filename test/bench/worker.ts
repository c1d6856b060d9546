import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A process of its own that does one side of a measurement on request, so that its CPU is counted apart. */
export interface Worker {
  readonly pid: number;
  /** Runs one of the functions that the worker serves; rejects with its error or when it ends first. */
  call<T>(name: string, args?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** Starts `file` (under test/bench/, with its `.ts`) as a {@link Worker}. */
export function startWorker(file: string, nodeArgs: readonly string[] = []): Worker {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    cwd: root,
    execArgv: [...nodeArgs, "--import", new URL("../../scripts/ts-register.mjs", import.meta.url).href],
    serialization: "advanced",
  });
  running.add(child);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let next = 0;
  const gone = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      running.delete(child);
      for (const { reject } of waiting.values())
        reject(new Error(`${file} ended (${signal ?? `code ${code}`}) before it answered`));
      waiting.clear();
      resolve();
    });
  });
  child.on("message", (message: { id: number; value?: unknown; error?: string }) => {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error !== undefined) asked?.reject(new Error(`${file}: ${message.error}`));
    else asked?.resolve(message.value);
  });
  return {
    pid: child.pid ?? -1,
    call<T>(name: string, args: unknown = {}) {
      return new Promise<T>((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id, name, args });
      });
    },
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** The worker's side: answers calls with the functions given, one process, until it is told to end or its parent goes. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of a call are agreed between a bench and its worker.
export function serve(functions: Record<string, (args: any) => unknown>): void {
  process.on("message", async (message: { id: number; name: string; args: unknown }) => {
    try {
      const run = functions[message.name];
      if (!run) throw new Error(`no function ${message.name}`);
      process.send?.({ id: message.id, value: await run(message.args) });
    } catch (error) {
      process.send?.({
        id: message.id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  });
  process.on("disconnect", () => process.exit(0));
  process.on("SIGTERM", () => process.exit(0));
}

/** CPU that this process uses while `work` runs, µs. */
export async function cpuOf<T>(work: () => Promise<T>): Promise<{ value: T; cpuUs: number; wallMs: number }> {
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const value = await work();
  const used = process.cpuUsage(before);
  return { value, cpuUs: used.user + used.system, wallMs: performance.now() - startedMs };
}
