import type { ServerFrame } from "@hashwatt/protocol/live";
import { beforeEach, describe, expect, test } from "vitest";
import type { HubClient } from "./channel.js";
import { Hub } from "./hub.js";

const RIGS = 2_000;
const KB = 1024;

/** A client that keeps up, and notes the kinds of frames it got. */
class Reader implements HubClient {
  readonly bufferedAmount = 0;
  readonly got: ServerFrame[] = [];
  send(frame: Buffer): void {
    this.got.push(JSON.parse(frame.toString()) as ServerFrame);
  }
  end(): void {}
  kinds(): string {
    return this.got
      .splice(0)
      .map(({ t }) => t)
      .join(" ");
  }
  /** The number of the latest frame. */
  get seq(): number {
    return (this.got.at(-1) as { seq: number }).seq;
  }
}

describe("channels of single rigs", () => {
  let hub: Hub;
  let nowMs: number;
  let written: number;
  let detail: string;

  beforeEach(() => {
    [nowMs, written, detail] = [1_000_000, 0, ""];
    const none = (): never => {
      throw new Error("nobody reads this");
    };
    hub = new Hub("e1", "0.1.0", {
      ...{ totals: none, fleet: none, alerts: none, liveRow: () => undefined, staticRow: () => undefined },
      rig: (id) => {
        written++;
        return Number(id.slice(1)) <= RIGS ? ({ id, detail } as never) : undefined;
      },
      totalsEveryMs: () => 250,
    });
  });

  const take = (client: Reader, rig: number, seq?: number) =>
    expect(
      hub.subscribe(client, `rig:r${rig}`, seq === undefined ? undefined : { epoch: "e1", seq }, nowMs),
    ).toBe(true);
  const leave = (client: Reader, rig: number) => hub.unsubscribe(client, `rig:r${rig}`, nowMs);
  const change = (...rigs: number[]) => {
    for (const rig of rigs) hub.rigChanged(rig);
    nowMs += 250;
    hub.flush(nowMs);
  };
  const upTo = (most: number) => Array.from({ length: most }, (_, i) => i + 1);

  test("that one client has left by the thousand are not written for nobody", () => {
    const client = new Reader();
    for (const rig of upTo(RIGS)) {
      take(client, rig);
      leave(client, rig);
    }
    written = 0;
    change(...upTo(RIGS));
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(256);
    // Who left last may come back without a gap.
    const { seq } = client;
    client.got.length = 0;
    take(client, RIGS, seq);
    expect(client.kinds()).toBe("delta");
  });

  test("keep so much together, whoever reads them, and who resumes from what is gone gets a gap", () => {
    detail = "x".repeat(500 * KB);
    const [first, again] = [new Reader(), new Reader()];
    const seqs = upTo(64).map((rig) => {
      take(first, rig);
      return first.seq;
    });
    first.got.length = 0;
    change(...upTo(64));
    // Who keeps up loses nothing.
    expect(first.kinds()).toBe(Array(64).fill("delta").join(" "));
    const kinds = upTo(64).map((rig) => {
      take(again, rig, seqs[rig - 1]!);
      return again.kinds();
    });
    const resumed = kinds.filter((each) => each === "delta").length;
    expect(resumed * 500 * KB).toBeLessThanOrEqual(16 * KB * KB);
    expect(resumed).toBeGreaterThan(20);
    // The oldest are gone, the latest are there.
    expect(kinds).toEqual([...Array(64 - resumed).fill("gap snap"), ...Array(resumed).fill("delta")]);
    change(1);
    expect(again.kinds()).toBe("delta");
  });

  test("are let go first where nobody reads them", () => {
    detail = "x".repeat(500 * KB);
    const [stays, goes, again] = [new Reader(), new Reader(), new Reader()];
    take(stays, 1);
    take(goes, 2);
    const [read, left] = [stays.seq, goes.seq];
    change(1);
    change(2);
    leave(goes, 2);
    // The channel that is read has the older delta.
    for (const rig of upTo(31)) take(stays, rig + 2);
    change(...upTo(31).map((rig) => rig + 2));
    take(again, 1, read);
    expect(again.kinds()).toBe("delta");
    take(again, 2, left);
    expect(again.kinds()).toBe("gap snap");
  });

  test("resume within a minute after the last reader has gone, as ever", () => {
    const [first, again] = [new Reader(), new Reader()];
    take(first, 7);
    const { seq } = first;
    hub.drop(first, nowMs);
    change(7);
    nowMs += 50_000;
    hub.flush(nowMs);
    take(again, 7, seq);
    expect(again.kinds()).toBe("delta");
    hub.drop(again, nowMs);
    nowMs += 61_000;
    hub.flush(nowMs);
    written = 0;
    change(7);
    expect(written).toBe(0);
  });
});
