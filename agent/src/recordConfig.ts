import { z } from "zod";
import { TAPE_LIMITS } from "./tape/folder.js";

/** Config of a tape: where it is kept, and the bounds of its files. */
export const recordSchema = z.strictObject({
  /** Folder of the tape; may hold earlier ones. */
  dir: z.string().min(1),
  /** All files together; beyond, the oldest go. */
  maxBytes: z
    .int()
    .min(1 << 20)
    .default(TAPE_LIMITS.maxBytes),
  /** A file that has grown so far, or is so old, is followed by the next one. */
  fileBytes: z
    .int()
    .min(1 << 16)
    .max(1 << 30)
    .default(TAPE_LIMITS.fileBytes),
  fileMs: z.int().min(10_000).max(86_400_000).default(TAPE_LIMITS.fileMs),
});
