import { expect, it } from "vitest";
import { Rig, START, sample } from "../fixtures/rollerRig.js";
import { BUCKET_MS, HOUR_MS } from "./row.js";

it("a roller folds hours and closes the present between the parts of a day that came in late", async () => {
  const rig = new Rig();
  await rig.roller.recover(START);
  const now = START + 24 * HOUR_MS + BUCKET_MS + 30_000;
  const late = Array.from({ length: 288 }, (_, i) => sample(1, START + i * BUCKET_MS + 10_000, now));
  await rig.roller.close(START + 24 * HOUR_MS + 20_000);
  await rig.commit([...late, sample(2, START + 24 * HOUR_MS + 10_000, now)], now);
  const at = now + 20_000;
  expect(await rig.roller.close(at)).toMatchObject({ more: true });
  const present = { fromMs: START + 24 * HOUR_MS, toMs: now, stepMs: BUCKET_MS, rigs: [2] };
  expect(await rig.state.rollups(present)).toHaveLength(1);
  const hours = { fromMs: START, toMs: now, stepMs: HOUR_MS };
  const folded = await rig.state.rollups(hours);
  expect(folded.length).toBeGreaterThanOrEqual(3);
  expect(rig.roller.foldedToMs).toBe(START + folded.length * HOUR_MS);
  let steps = 1;
  while ((await rig.roller.close(at)).more) steps++;
  expect(steps).toBeLessThan(10);
  expect(rig.roller.foldedToMs).toBe(START + 24 * HOUR_MS);
  await rig.expectPure(START + 24 * HOUR_MS + BUCKET_MS);
});
