import type { ServerFrame } from "@hashwatt/protocol/live";

/** Place in a channel: the last applied sequence number of one run of the server. Undefined: nothing applied yet. */
export type Cursor = { epoch: string; seq: number } | undefined;

/** What to do with a frame of a channel. `resync`: something is missing, ask for a snapshot. */
export type Step =
  | { do: "apply"; cursor: Cursor }
  | { do: "ignore"; cursor: Cursor }
  | { do: "resync"; cursor: undefined }
  | { do: "await"; cursor: undefined };

/** Frames that belong to a channel and carry a sequence number. */
export type ChannelFrame = Extract<ServerFrame, { t: "snap" | "delta" | "gap" }>;

/**
 * The reducer of one channel: a snapshot is always taken, a delta only when it is the next one. What was applied is ignored,
 * what comes too early means a loss, and after a gap nothing counts until the snapshot that the server sends by itself.
 */
export function stepChannel(cursor: Cursor, epoch: string, frame: ChannelFrame): Step {
  switch (frame.t) {
    case "snap":
      return { do: "apply", cursor: { epoch, seq: frame.seq } };
    case "gap":
      return { do: "await", cursor: undefined };
    case "delta": {
      if (!cursor) return { do: "ignore", cursor };
      if (cursor.epoch !== epoch) return { do: "resync", cursor: undefined };
      if (frame.seq <= cursor.seq) return { do: "ignore", cursor };
      if (frame.seq > cursor.seq + 1) return { do: "resync", cursor: undefined };
      return { do: "apply", cursor: { epoch, seq: frame.seq } };
    }
  }
}
