/** One hostile input: bytes, and in words how they are given (which rig, which topic, which behaviour). */
export interface Input {
  bytes: Buffer;
  about: Readonly<Record<string, string>>;
}

/** What became of an input. A refusal has a code of a closed set and one line that says why. */
export type Outcome = { kind: "accepted" } | { kind: "refused"; code: string; reason: string };

/** A place where bytes from outside come in, while it runs. */
export interface RunningSurface {
  /** The input of an index: the same for the same seed, whichever others were made before. */
  make(index: number): Input;
  /**
   * Gives an input to the product. Throws {@link Violation}, or whatever the product threw, when a promise is broken: a crash,
   * a value outside the bounds, a refusal that is not counted.
   */
  give(input: Input): Promise<Outcome> | Outcome;
  /** Proves that a good input is still taken; throws otherwise. */
  good(): Promise<void>;
  close(): Promise<void>;
}

/** A surface by name. `parallel` inputs may be given at once. */
export interface Surface {
  readonly name: string;
  readonly parallel: number;
  start(seed: number): Promise<RunningSurface>;
}

/** A promise that an input broke. */
export class Violation extends Error {
  override name = "Violation";
}

/** Throws a {@link Violation} unless `holds`. */
export function promised(holds: boolean, broken: string): asserts holds {
  if (!holds) throw new Violation(broken);
}
