/** One thing that was looked at, and what there is to say of it. `warn` works and deserves a look; `wrong` does not work. */
export interface Finding {
  grade: "ok" | "warn" | "wrong";
  part: string;
  text: string;
}

/** A finding about a part that is as it should be. */
export const good = (part: string, text: string): Finding => ({ grade: "ok", part, text });
/** A finding about a part that works and deserves a look. */
export const doubtful = (part: string, text: string): Finding => ({ grade: "warn", part, text });
/** A finding about a part that does not work. */
export const bad = (part: string, text: string): Finding => ({ grade: "wrong", part, text });
