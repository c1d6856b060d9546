/** Kinds of events by which it is told that two rigs or two agents claim to be one. */
const KINDS: readonly string[] = ["rig-twin", "rig-two-agents"];
/** So long a conflict stands after it was last seen. */
export const STANDS_MS = 3_600_000;
const MAX_CONFLICTS = 1_000;

/** Which rigs are in conflict about who they are, as the events tell. */
export class Conflicts {
  readonly #found = new Map<number, { atMs: number; text: string }>();

  /** Takes in an event, of whatever kind. */
  event({ kind, rig, atMs, text }: { kind: string; rig?: number; atMs: number; text: string }): void {
    if (rig === undefined || !KINDS.includes(kind)) return;
    this.#found.delete(rig);
    this.#found.set(rig, { atMs, text });
    if (this.#found.size > MAX_CONFLICTS) this.#found.delete(this.#found.keys().next().value!);
  }

  /** What was told of a rig within the last hour. */
  of(rig: number, nowMs: number): string | undefined {
    const found = this.#found.get(rig);
    return found && nowMs - found.atMs < STANDS_MS ? found.text : undefined;
  }
}
