import { describe, expect, test } from "vitest";
import { newRigView, type RigView } from "../fleet/rigView.js";
import { PoolCensus } from "./poolCensus.js";

const MINUTE = 60_000;
const URL = "stratum+tcp://pool.example:3333";

function rigAt(rig: number, poolLatencyMs: number | undefined): RigView {
  const view = newRigView({
    ...{ rig, site: "s", agent: "a", handle: `h${rig}`, name: `rig ${rig}` },
    evidence: { address: "10.0.0.7", algo: "SHA256", pools: [{ url: URL, active: true }] },
    ...{ aliases: [], firstSeenMs: 0, lastSeenMs: 0 },
  });
  view.algo = "SHA256";
  view.figures = { revenuePerH: 0.2 };
  view.reading = {
    ...{ atMs: 0, intervalMs: 5_000, status: "mining", pool: URL },
    ...(poolLatencyMs !== undefined && { poolLatencyMs }),
  };
  return view;
}

/** A census of a site's rigs, looked at each minute. */
function census(pools = new PoolCensus(), nowMs = 0) {
  return (tells: readonly (number | undefined)[], minutes = 1) => {
    for (let i = 0; i < minutes; i++) {
      nowMs += MINUTE;
      pools.begin();
      for (const [rig, ms] of tells.entries())
        pools.add(rigAt(rig, ms), { kind: "rig", id: `r${rig}`, name: `rig ${rig}` });
      const last = i === minutes - 1;
      const facts = pools.facts(nowMs);
      if (last) return facts[0]?.latency;
    }
    return undefined;
  };
}

describe("the way to a pool", () => {
  test("is the median of the rigs that tell it, and is not known where none does", () => {
    const look = census();
    expect(look([undefined, undefined])).toBeUndefined();
    expect(look([40, undefined, 900, 50])).toMatchObject({ ms: 50, rigs: 3, usualMs: undefined });
    expect(look([40, 60])?.revenuePerH).toBeCloseTo(0.4, 12);
  });

  test("concerns what all rigs earn there, whichever of them tells it and in whatever order they come", () => {
    for (const tells of [
      [undefined, undefined, 40],
      [40, undefined, undefined],
    ])
      expect(census()(tells)?.revenuePerH).toBeCloseTo(0.6, 12);
  });

  test("is known for what is usual after an hour, and what is far moves that slowly", () => {
    const look = census();
    expect(look([40], 60)?.usualMs).toBeUndefined();
    expect(look([40], 10)?.usualMs).toBeCloseTo(40, 9);
    const after = look([400], 120)!;
    expect(after.ms).toBe(400);
    expect(after.usualMs).toBeLessThan(46);
  });

  test("is known for what is usual over a restart, by text that says nothing of what is no pool's", () => {
    const before = new PoolCensus();
    census(before)([40], 70);
    const after = new PoolCensus();
    expect(after.restore(before.text())).toBe(true);
    expect(census(after, 75 * MINUTE)([90])?.usualMs).toBeCloseTo(40, 9);
    for (const damaged of ["", "{}", '[["s p:1",40]]']) expect(new PoolCensus().restore(damaged)).toBe(false);
  });

  test("and the pool itself are not known while none of its rigs answers, and not gone", () => {
    const pools = new PoolCensus();
    pools.begin();
    pools.mention(rigAt(1, 40));
    expect(pools.facts(MINUTE)).toMatchObject([{ name: "pool.example:3333", rigs: 0, latency: undefined }]);
  });
});
