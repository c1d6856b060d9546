import type { Evidence, RigStatus } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { describe, expect, test } from "vitest";
import { START, startIngest } from "../fixtures/startIngest.js";
import { Identities, type Source } from "./identities.js";

const WINDOW = 30_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const MAC = "02:00:00:00:00:01";
const rig: Record<string, Evidence> = { h1: { address: "10.0.0.5", mac: MAC } };
const a: Source = { site: "s", agent: "a", stream: "a1", live: true };
const b: Source = { site: "s", agent: "b", stream: "b1", live: true };
const late = (source: Source): Source => ({ ...source, live: false });
const answers = (ids: Identities, source: Source, tMs: number) =>
  ids.ownerOf(source, "h1", true, tMs, WINDOW);
const silent = (ids: Identities, source: Source, tMs: number) =>
  ids.ownerOf(source, "h1", false, tMs, WINDOW);

/** Two agents that read one rig from the first minute on, until A hears nothing more and says nothing. */
function shared(): { ids: Identities; key: number } {
  const ids = new Identities([]);
  ids.describe(a, rig, 0);
  const key = answers(ids, a, 0) as number;
  answers(ids, a, MINUTE - 5_000);
  ids.describe(b, rig, MINUTE);
  answers(ids, b, MINUTE);
  answers(ids, a, MINUTE + 2_000);
  for (let tMs = MINUTE + 5_000; tMs < 60 * MINUTE; tMs += 10_000) answers(ids, b, tMs);
  return { ids, key };
}

describe("that an agent got no answer, which is heard of late", () => {
  test("is an outage of a rig that it alone reads, also after a restart", () => {
    const ids = new Identities([]);
    ids.describe(a, rig, 0);
    const key = answers(ids, a, 0);
    expect(silent(ids, late(a), 10 * MINUTE)).toBe(key);
    const next = new Identities([...ids.index.records()]);
    expect(answers(next, { ...a, stream: "a2" }, 60 * MINUTE)).toBe(key);
    expect(silent(next, late(a), 20 * MINUTE)).toBe(key);
  });

  test("says nothing of a rig that another agent reads too", () => {
    const { ids, key } = shared();
    expect(silent(ids, late(a), 10 * MINUTE)).toBe("elsewhere");
    // It is back, and reads the rig again.
    const back = { ...a, stream: "a2" };
    ids.describe(back, rig, 60 * MINUTE);
    expect(answers(ids, back, 60 * MINUTE)).toBe(key);
    expect(silent(ids, late(a), 20 * MINUTE)).toBe("elsewhere");
    expect(answers(ids, late(a), 21 * MINUTE)).toBe(key);
    // Nor after a restart, whoever of them is heard first.
    const next = new Identities([...ids.index.records()]);
    expect(answers(next, b, 61 * MINUTE)).toBe(key);
    expect(silent(next, late(a), 30 * MINUTE)).toBe("elsewhere");
    expect(answers(next, back, 61 * MINUTE + 1_000)).toBe(key);
    expect(silent(next, late(a), 40 * MINUTE)).toBe("elsewhere");
  });

  test("is an outage where the other agent came later, or has not read the rig for a day", () => {
    const { ids, key } = shared();
    expect(silent(ids, late(a), MINUTE / 2)).toBe(key);
    expect(silent(ids, late(b), MINUTE + 2_000 + DAY)).toBe("elsewhere");
    expect(silent(ids, late(b), MINUTE + 2_001 + DAY)).toBe(key);
  });

  test("says nothing of a rig that has moved to another agent by then, and is an outage before that", () => {
    const ids = new Identities([]);
    ids.describe(a, rig, 0);
    const key = answers(ids, a, 0);
    const moved = { h1: { address: "10.0.9.5", mac: MAC } };
    ids.describe(b, moved, 60 * MINUTE);
    expect(answers(ids, b, 60 * MINUTE)).toBe(key);
    // What else is said of it later does not change where it was.
    ids.describe(b, { h1: { ...moved.h1, firmware: "2" } }, 120 * MINUTE);
    answers(ids, b, 120 * MINUTE);
    expect(silent(ids, late(a), 60 * MINUTE - 1)).toBe(key);
    expect(silent(ids, late(a), 90 * MINUTE)).toBe("elsewhere");
    expect(silent(ids, late(b), 90 * MINUTE)).toBe(key);
  });

  test("takes nothing from what another agent has read", async () => {
    const clock = fakeClock(START);
    const it = startIngest(clock);
    const send = (agent: string, seq: number, samples: [atMs: number, status: RigStatus][], live = true) =>
      it.ingest.message(
        agentTopic("farm", agent, "batch"),
        Buffer.from(
          JSON.stringify({
            ...{ v: 1, stream: `${agent}1`, live, seq, first: 1, boot: "b", monoMs: 1, sentMs: START },
            ...(seq === 1 && { rigs: rig }),
            samples: samples.map(([atMs, status]) => ({ rig: "h1", atMs, intervalMs: 30_000, status })),
          }),
        ),
      );
    send("a", 1, [[START, "mining"]]);
    send("b", 1, [[START, "mining"]]);
    await clock.advance(30_000);
    send("b", 2, [[START + 30_000, "mining"]]);
    await clock.advance(30_000);
    send("b", 3, [[START + 60_000, "mining"]]);
    send("a", 2, [[START + 45_000, "unreachable"]], false);
    await clock.advance(1_000);
    const range = { fromMs: START, toMs: START + 120_000 };
    const stored = await it.telemetry.raw({ ...range, rigs: [1] });
    expect(stored.map(({ atMs }) => (atMs - START) / 1_000)).toEqual([0, 0, 30, 60]);
    expect(it.ingest.elsewhere).toBe(1);
    expect(it.acks.filter(({ agent }) => agent === "a").at(-1)).toMatchObject({ seq: 2 });
  });
});
