import type { Program } from "../support/program.js";

/** A process that faults act on: it can be started again and again. */
export interface Part {
  readonly name: string;
  /** Of the latest start. */
  readonly program: Program;
  /** How often it was killed with -9. */
  readonly kills: number;
  /** Starts the process alone, which may be killed before {@link ready} resolves. */
  launch(): void;
  /** Resolves once it does its work. */
  ready(): Promise<void>;
  /** Both. */
  start(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Lines with one of the words of {@link TOLD} that it printed in any of its lives. */
  told(): string[];
}

/** What is remembered of the output of former lives. */
const TOLD = /damaged|tail cut|restored|missing|cannot write|writes again/;

/** A part from how its process is started, and how it shows that it works. */
export function part(
  name: string,
  launch: () => Program,
  ready: (program: Program) => Promise<unknown>,
): Part {
  let program: Program | undefined;
  let kills = 0;
  const former: string[] = [];
  const lines = () => (program ? program.lines.filter((line) => TOLD.test(line)) : []);
  const started = () => {
    if (!program) throw new Error(`${name} was never started`);
    return program;
  };
  return {
    name,
    get program() {
      return started();
    },
    get kills() {
      return kills;
    },
    launch() {
      former.push(...lines());
      program = launch();
    },
    async ready() {
      await ready(started());
    },
    async start() {
      this.launch();
      await this.ready();
    },
    async kill() {
      if (!program) return;
      kills++;
      program.signal("SIGKILL");
      await program.exit;
    },
    told: () => [...former, ...lines()],
  };
}

/** Throws when a part ended by itself: no fault from outside may do that. */
export function assertAlive({ name, program }: Part): void {
  try {
    process.kill(program.pid, 0);
  } catch (cause) {
    throw new Error(`${name} ended by itself:\n${program.lines.slice(-20).join("\n")}`, { cause });
  }
}

/** Ends a part that was ever started, properly. */
export async function stopped(one: Part | undefined): Promise<void> {
  if (!one) return;
  one.program.signal("SIGCONT");
  await one.program.stop();
}
