import { fakeClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { HOUR_MS } from "../../rollup/row.js";
import { MemoryAir } from "../../store/state/memoryAir.js";
import type { AirRow } from "../../store/state/state.js";
import { SourceHttp } from "../fetch/sourceHttp.js";
import { ambientSensors } from "./ambientSensors.js";

test("the air outside is the mean of its sensors, of hours that they know", async () => {
  const NOW = Date.UTC(2026, 6, 1, 12, 30);
  const hour = NOW - HOUR_MS / 2;
  const air = new MemoryAir();
  const rows = (meter: string, fromMs: number, mean: number, more: Partial<AirRow> = {}): AirRow[] =>
    Array.from({ length: 12 }, (_, i) => ({
      site: "hall",
      meter,
      place: "ambient" as const,
      unit: "°C" as const,
      startMs: fromMs + i * 300_000,
      stepMs: 300_000,
      coveredMs: 300_000,
      min: mean,
      mean,
      max: mean,
      ...more,
    }));
  await air.put([
    ...rows("north", hour - HOUR_MS, 30),
    ...rows("south", hour - HOUR_MS, 31),
    ...rows("hot-aisle", hour - HOUR_MS, 50, { place: "row" }),
    ...rows("damp", hour - HOUR_MS, 0.5, { unit: "ratio" }),
    ...rows("north", hour - 3 * HOUR_MS, 20, { coveredMs: 100_000 }),
    ...rows("north", hour, 99),
  ]);
  const state = { air };
  expect(ambientSensors([{ site: "hall", at: "site", meter: "m" }], state)).toBeUndefined();
  const source = ambientSensors([{ site: "hall", at: "ambient", meter: "north" }], state)!;
  const http = new SourceHttp(fakeClock(NOW));
  const question = { nowMs: NOW, last: () => undefined, http, lacks: () => undefined };
  expect(await source.fetch(question, new AbortController().signal)).toEqual([
    {
      series: "ambient/hall",
      slots: [
        {
          startMs: hour - HOUR_MS,
          endMs: hour,
          value: 30.5,
          source: "measured outside by north, south",
          asOfMs: hour,
        },
      ],
    },
  ]);
});
