/** What can go wrong while the simulator is set up or looked for (`nobody-home`); nothing else is thrown on purpose. */
export type SimulatorErrorCode =
  | "bad-option"
  | "bad-config"
  | "bad-capture"
  | "bad-tape"
  | "bad-scenario"
  | "no-control"
  | "port-busy"
  | "cannot-listen"
  | "unknown-rig"
  | "nobody-home";

/** The simulator's one error: `message` is one line that tells the operator what to do. */
export class SimulatorError extends Error {
  override readonly name = "SimulatorError";
  readonly code: SimulatorErrorCode;
  /** Whether the same call may succeed later without a change (a port that is freed). */
  readonly retryable: boolean;
  /** The word of a scenario that is wrong, for whoever knows where it was written. */
  readonly word: string | undefined;

  constructor(code: SimulatorErrorCode, message: string, options: ErrorOptions & { word?: string } = {}) {
    super(message, options);
    this.code = code;
    this.word = options.word;
    this.retryable = code === "port-busy" || code === "nobody-home";
  }
}
