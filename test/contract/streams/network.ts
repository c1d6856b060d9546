import type { Ack } from "@hashwatt/protocol/topics";
import type { Schedule } from "./schedule.js";

/** A batch as it travels in the model. `samples` carry the true time of their making beside the stamp. */
export interface WireBatch {
  stream: string;
  live: boolean;
  seq: number;
  first: number;
  lost?: "damaged";
  samples: WireSample[];
}

export interface WireSample {
  id: number;
  trueMs: number;
  atMs: number;
  clock?: "unsure";
}

/** How bad the network is. */
export interface Weather {
  lossRatio: number;
  doubleRatio: number;
  /** Longest delay; different delays reorder. In fair weather all are the same. */
  delayMs: number;
}

const FAIR: Weather = { lossRatio: 0, doubleRatio: 0, delayMs: 30 };

/**
 * Agent, broker and server joined by wires that lose, double, delay and reorder. `cut` takes the wire between agent and broker:
 * noticed by the agent or not.
 */
export class Network {
  weather: Weather = FAIR;
  /** Number of cuts in force. */
  cuts = 0;
  /** When the last message that a fault touched will have arrived. */
  settledMs = 0;
  toServer: ((batch: WireBatch) => void) | undefined;
  toAgent: ((ack: Ack) => void) | undefined;

  constructor(
    private readonly schedule: Schedule,
    private readonly random: () => number,
  ) {}

  batch(batch: WireBatch): void {
    this.#carry(() => this.toServer?.(batch));
  }

  ack(ack: Ack): void {
    this.#carry(() => this.toAgent?.(ack));
  }

  clear(): void {
    this.weather = FAIR;
  }

  #carry(deliver: () => void): void {
    if (this.cuts > 0) return;
    const { lossRatio, doubleRatio, delayMs } = this.weather;
    const copies = this.random() < lossRatio ? 0 : this.random() < doubleRatio ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const rain = this.weather !== FAIR;
      const atMs = this.schedule.nowMs + (rain ? 1 + this.random() * delayMs : delayMs);
      if (rain) this.settledMs = Math.max(this.settledMs, atMs);
      this.schedule.at(atMs, deliver);
    }
  }
}
