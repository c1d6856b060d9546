import { isOneLine } from "./nasty.js";
import {
  type Input,
  type Outcome,
  promised,
  type RunningSurface,
  type Surface,
  Violation,
} from "./surface.js";

/** What a run of one surface came to. */
export interface Report {
  surface: string;
  seed: number;
  inputs: number;
  accepted: number;
  refused: number;
  /** Refusals by their code. */
  codes: Record<string, number>;
  seconds: number;
  /** CPU of this process meanwhile, s: the product's and the harness' together. */
  cpuSeconds: number;
  /** Time of the input that took longest, ms; only where inputs are given one by one. */
  slowestMs: number;
  /** Resident memory when a tenth of the inputs was given (at most ten thousand) and at the end, MB. */
  rssMb: { early: number; end: number; most: number };
}

/** An input that broke a promise, made as small as it still breaks it. */
export class Found extends Error {
  override name = "Found";
  constructor(
    readonly surface: string,
    readonly seed: number,
    readonly index: number,
    readonly input: Input,
    override readonly cause: unknown,
  ) {
    super(
      `${surface}: input ${index} of seed ${seed} broke a promise: ${(cause as Error)?.stack ?? String(cause)}\n` +
        `given as ${JSON.stringify(input.about)}\n` +
        `bytes (${input.bytes.length}): ${JSON.stringify(input.bytes.subarray(0, 600).toString("latin1"))}\n` +
        `again: npm run fuzz -- --surface ${surface} --seed ${seed} --index ${index}`,
    );
  }
}

/** No input may take longer, whatever it is: CPU for those given one by one, and time on the clock for all. */
const MOST_CPU_MS = 3_000;
const MOST_MS = 60_000;
/** More growth than this after the first inputs is a leak: garbage alone stays far below. */
const MOST_GROWTH_MB = 300;
const MOST_REASON = 1_000;
const CODE = /^[A-Za-z0-9][A-Za-z0-9-]{1,39}$/;

const rssMb = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

/** Gives one input and judges what came of it. Throws what was broken. */
async function giveOne(running: RunningSurface, input: Input): Promise<Outcome> {
  const given = running.give(input);
  const outcome = given instanceof Promise ? await within(given) : given;
  if (outcome.kind === "refused") {
    const { code, reason } = outcome;
    promised(CODE.test(code), `a refusal with the code ${JSON.stringify(code)}`);
    promised(
      reason.length > 3 && reason.length <= MOST_REASON,
      `a reason of ${reason.length} characters: ${reason.slice(0, 200)}`,
    );
    promised(isOneLine(reason), `a reason that is no plain line: ${JSON.stringify(reason)}`);
  }
  promised(Object.keys(Object.prototype).length === 0, "Object.prototype has got a key");
  return outcome;
}

function within(given: Promise<Outcome>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Violation(`took longer than ${MOST_MS} ms`)), MOST_MS);
    given.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Of a run that ends by time, the inputs after which memory is looked at first. */
const EARLY_BY_TIME = 200;

/** How much a surface is given: so many inputs from index `from` on, or fewer once `forMs` are over. */
export interface RunOptions {
  inputs: number;
  seed: number;
  from?: number;
  forMs?: number;
}

/** Gives a surface its inputs. Throws {@link Found} for the first that breaks a promise. */
export async function runSurface(
  surface: Surface,
  { inputs, seed, from = 0, forMs }: RunOptions,
  say?: (done: number) => void,
): Promise<Report> {
  const report: Report = {
    surface: surface.name,
    seed,
    inputs: 0,
    accepted: 0,
    refused: 0,
    codes: {},
    seconds: 0,
    cpuSeconds: 0,
    slowestMs: 0,
    rssMb: { early: 0, end: 0, most: 0 },
  };
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const running = await surface.start(seed);
  let stray: unknown;
  const onStray = (error: unknown) => {
    stray ??= new Violation(`an error outside of any input: ${(error as Error)?.stack ?? String(error)}`);
  };
  process.on("unhandledRejection", onStray);
  process.on("uncaughtException", onStray);
  const early = forMs === undefined ? Math.min(10_000, Math.ceil(inputs / 10)) : EARLY_BY_TIME;
  const untilMs = performance.now() + (forMs ?? Number.POSITIVE_INFINITY);
  let next = 0;
  let failed = false;
  const work = async () => {
    while (next < inputs && !failed && performance.now() < untilMs) {
      const done = next++;
      const index = from + done;
      const input = running.make(index);
      try {
        const before = performance.now();
        const outcome = await giveOne(running, input);
        const tookMs = performance.now() - before;
        if (surface.parallel === 1 && tookMs > report.slowestMs) {
          // Asking for the CPU time costs as much as many an input, so it is asked for what was slow on the clock alone.
          report.slowestMs = Math.round(tookMs);
          if (tookMs > MOST_CPU_MS) {
            const cpu = process.cpuUsage();
            await giveOne(running, input);
            const { user, system } = process.cpuUsage(cpu);
            promised(
              (user + system) / 1_000 < MOST_CPU_MS,
              `took ${Math.round((user + system) / 1_000)} ms of CPU`,
            );
          }
        }
        if (stray) throw stray;
        if (outcome.kind === "accepted") report.accepted++;
        else {
          report.refused++;
          report.codes[outcome.code] = (report.codes[outcome.code] ?? 0) + 1;
        }
      } catch (error) {
        failed = true;
        throw new Found(surface.name, seed, index, await smallest(running, input), error);
      }
      if (done === early) report.rssMb.early = rssMb();
      if (done % 1_000 === 0) {
        report.rssMb.most = Math.max(report.rssMb.most, rssMb());
        say?.(done);
        // Bytes given one after the other leave the event loop no turn of their own.
        await new Promise(setImmediate);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: surface.parallel }, work));
    await running.good();
    await new Promise(setImmediate);
    if (stray) throw stray;
    report.inputs = report.accepted + report.refused;
    report.rssMb.end = rssMb();
    report.rssMb.early ||= report.rssMb.end;
    promised(
      report.rssMb.end - report.rssMb.early < MOST_GROWTH_MB,
      `${surface.name}: memory grew from ${report.rssMb.early} to ${report.rssMb.end} MB`,
    );
  } finally {
    process.off("unhandledRejection", onStray);
    process.off("uncaughtException", onStray);
    await running.close();
  }
  const { user, system } = process.cpuUsage(startedCpu);
  report.cpuSeconds = Math.round((user + system) / 100_000) / 10;
  report.seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  return report;
}

/** Tries at making an input smaller. */
const TRIES = 400;

/** The input with as many bytes left out as it still breaks its promise without; as it is where that cannot be told again. */
async function smallest(running: RunningSurface, input: Input): Promise<Input> {
  let tries = 0;
  const breaks = async (bytes: Buffer): Promise<boolean> => {
    tries++;
    try {
      await giveOne(running, { ...input, bytes });
      return false;
    } catch {
      return true;
    }
  };
  let bytes = input.bytes;
  if (!(await breaks(bytes))) return input;
  for (let size = bytes.length >> 1; size >= 1 && tries < TRIES; size >>= 1)
    for (let at = 0; at < bytes.length && tries < TRIES; ) {
      const less = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
      if (await breaks(less)) bytes = less;
      else at += size;
    }
  return { ...input, bytes };
}
