import type { SettingsImport } from "@hashwatt/protocol/settings";

/** What is wrong in a file of settings, and where. */
export type Problem = SettingsImport["errors"][number];

/** Of a file of nothing but mistakes so many are told: it must take no longer, nor more memory, than another. */
const MOST_PROBLEMS = 1_000;

/** Thrown where no more mistakes of a file are looked for; the last one says why. */
export class TooManyProblems extends Error {
  override name = "TooManyProblems";
}

/** The mistakes of a file as they are found. */
export class FileProblems {
  readonly list: Problem[] = [];
  #ended = false;

  /** Notes one more. Throws {@link TooManyProblems} at the end of what is told, and whenever it is asked to go on after that. */
  add(line: number | null, path: string, message: string): void {
    if (this.list.length < MOST_PROBLEMS) return void this.list.push({ line, path, message });
    this.end(null, `there are more than ${MOST_PROBLEMS} mistakes, of which these are the first`);
  }

  /** Notes the last one: nothing more is looked for. Throws {@link TooManyProblems}. */
  end(line: number | null, message: string): never {
    if (!this.#ended) this.list.push({ line, path: "", message });
    this.#ended = true;
    throw new TooManyProblems();
  }
}

/** Takes an error that says that no more mistakes are looked for; throws every other. */
export function onlyTooMany(error: unknown): void {
  if (!(error instanceof TooManyProblems)) throw error;
}
