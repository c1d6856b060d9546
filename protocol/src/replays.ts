import { z } from "zod";

/** How many times as fast as it happened a replay may pass. */
export const REPLAY_SPEED = { min: 1, max: 1_000 } as const;

/** One replay of stored history, as the API tells it. Instants are epoch ms of the history. */
export const replayViewSchema = z.object({
  id: z.string(),
  /** Who began it. */
  who: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  /** Where it is. */
  atMs: z.number(),
  speed: z.number(),
  playing: z.boolean(),
  /** False while the readings of a place that was sought are loaded. */
  ready: z.boolean(),
  /** Grows with every jump: what a screen has gathered before it is of another time. */
  jumps: z.int(),
});
export type ReplayView = z.infer<typeof replayViewSchema>;
