import { z } from "zod";

/** How a job stands. `cancelled` was asked for; `failed` has an `error`. */
export const JOB_STATES = ["running", "done", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Long work of the server. Instants are epoch ms; null is unknown. */
export const jobViewSchema = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(JOB_STATES),
  startedMs: z.number(),
  endedMs: z.number().nullable(),
  /** What it was asked to do; what is secret is left out. */
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  progress: z.object({
    done: z.number(),
    /** Of so many; null while it is not known. */
    total: z.number().nullable(),
    unit: z.string(),
    /** What it is at. */
    note: z.string().optional(),
  }),
  /** When it will have ended if it goes on as it did; null while that is not known, and once it has ended. */
  etaMs: z.number().nullable(),
  /** Sentences about what was done. */
  said: z.array(z.string()),
  /** Why it ended before it was done, and what to do. */
  error: z.string().nullable(),
});
export type JobView = z.infer<typeof jobViewSchema>;
