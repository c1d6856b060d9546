import { scheduler } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Evidence } from "@hashwatt/protocol/sample";
import { expect, test } from "vitest";
import { Identities } from "./identities.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const told = (n: number): Evidence => ({
  address: `10.0.0.${n}`,
  mac: `02:00:00:00:00:0${n}`,
  model: "Antminer S19",
  pools: [{ url: "stratum+tcp://pool.example:3333", user: `farm.rig${n}` }],
});

/** Tells of two rigs in so many streams, one after another; returns what was told again. */
function tell(ids: Identities, streams: number): WeakRef<Evidence>[] {
  const again: WeakRef<Evidence>[] = [];
  for (let n = 0; n < streams; n++) {
    const rigs = { h1: told(1), h2: told(2) };
    if (n > 0) again.push(...Object.values(rigs).map((evidence) => new WeakRef(evidence)));
    const source = { site: "s", agent: "a", stream: `live${n}`, live: true };
    ids.describe(source, rigs, n * 60_000);
    for (const handle of ["h1", "h2"]) ids.ownerOf(source, handle, true, n * 60_000, 30_000);
  }
  return again;
}

test("what an agent tells again in each new stream is held once", async () => {
  const ids = new Identities([]);
  const again = tell(ids, 5);
  // What a weak reference was made to lives to the end of the turn.
  await scheduler.wait(0);
  collect();
  expect(again.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  const rig = ids.ownerOf(
    { site: "s", agent: "a", stream: "live0", live: true },
    "h2",
    true,
    400_000,
    30_000,
  );
  expect(ids.index.record(rig as number)?.evidence).toEqual(told(2));
});
