import { expect, test } from "vitest";
import { decide, type Verdict } from "./decide.js";

const batch = (seq: number, first: number, lost?: "damaged") => ({
  stream: "s",
  seq,
  first,
  ...(lost && { lost }),
});

test.each<[string, number | undefined, ReturnType<typeof batch>, Verdict]>([
  ["the next batch is accepted", 4, batch(5, 3), { accept: true, lost: 0 }],
  ["a stored batch is acked again", 4, batch(4, 3), { ack: 4 }],
  ["an old batch is acked again", 4, batch(1, 1), { ack: 4 }],
  ["a batch after a hole asks for a rewind", 4, batch(6, 3), { rewind: 4 }],
  ["the oldest that the agent has is accepted, the hole counted", 4, batch(9, 9), { accept: true, lost: 4 }],
  ["the oldest is accepted without loss where it is the next", 4, batch(5, 5), { accept: true, lost: 0 }],
  ["a damaged record counts as lost", 4, batch(5, 3, "damaged"), { accept: true, lost: 1 }],
  ["a damaged record after a hole counts with it", 4, batch(7, 7, "damaged"), { accept: true, lost: 3 }],
  ["a new stream starts at 1", undefined, batch(1, 1), { accept: true, lost: 0 }],
  [
    "an unknown stream is resumed at its oldest",
    undefined,
    batch(7, 7),
    { accept: true, lost: 0, resumed: true },
  ],
  ["an unknown stream in its middle asks for a rewind", undefined, batch(8, 7), { rewind: 0 }],
])("%s", (_what, stored, arriving, verdict) => {
  expect(decide(stored === undefined ? undefined : { seq: stored }, arriving)).toEqual(verdict);
});
