import type { Channel } from "@hashwatt/protocol/live";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChannelFrame, type Cursor, stepChannel } from "./channelCursor.js";

const ch: Channel = "fleet";
const delta = (seq: number): ChannelFrame => ({ t: "delta", ch, seq, serverMs: 0, data: {} });
const snap = (seq: number): ChannelFrame => ({ t: "snap", ch, seq, serverMs: 0, data: [] });
const gap = (seq: number): ChannelFrame => ({ t: "gap", ch, seq });
const at = (seq: number): Cursor => ({ epoch: "e1", seq });

describe("a channel", () => {
  it.each([
    ["takes a snapshot at any time", at(9), snap(3), { do: "apply", cursor: at(3) }],
    ["takes the next delta", at(3), delta(4), { do: "apply", cursor: at(4) }],
    ["ignores a delta it has had", at(3), delta(3), { do: "ignore", cursor: at(3) }],
    ["asks anew when a delta is missing", at(3), delta(5), { do: "resync", cursor: undefined }],
    ["waits after a gap", at(3), gap(9), { do: "await", cursor: undefined }],
    [
      "ignores deltas while it waits for a snapshot",
      undefined,
      delta(9),
      { do: "ignore", cursor: undefined },
    ],
  ] as const)("%s", (_what, cursor, frame, step) => {
    expect(stepChannel(cursor, "e1", frame)).toEqual(step);
  });

  it("asks anew when the server has started again and sends deltas to an old place", () => {
    expect(stepChannel(at(3), "e2", delta(4))).toEqual({ do: "resync", cursor: undefined });
  });

  it("applies no delta twice and none after a missing one, whatever comes in whatever order", () => {
    const frames = fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 12 }).map(delta) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }).map(snap) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }).map(gap) },
      ),
    );
    fc.assert(
      fc.property(frames, (drawn) => {
        let cursor: Cursor;
        let place: number | undefined;
        for (const frame of drawn) {
          const step = stepChannel(cursor, "e1", frame);
          cursor = step.cursor;
          if (step.do === "apply" && frame.t === "delta") expect(frame.seq).toBe(place! + 1);
          if (step.do === "apply") place = frame.seq;
          if (step.do === "resync" || step.do === "await") place = undefined;
        }
      }),
    );
  });
});
