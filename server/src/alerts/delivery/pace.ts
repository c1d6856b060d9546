import type { AlertView } from "@hashwatt/protocol/http";

/** People get a message at most so often; of danger more often. What comes meanwhile comes in one. */
const PACE_MS = 10_000;
const PACE_OF_DANGER_MS = 2_000;

/** When channels that people read were last told, so that nobody is told of a thousand rigs one by one. */
export class Pace {
  readonly #lastMs = new Map<string, number>();

  /** When a channel may be told of an alert. */
  freeMs(channel: string, human: boolean, { severity }: Pick<AlertView, "severity">, nowMs: number): number {
    const lastMs = this.#lastMs.get(channel);
    if (!human || lastMs === undefined || lastMs > nowMs) return nowMs;
    return lastMs + (severity === "danger" ? PACE_OF_DANGER_MS : PACE_MS);
  }

  told(channel: string, nowMs: number): void {
    this.#lastMs.set(channel, nowMs);
  }
}
