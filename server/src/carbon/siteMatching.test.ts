import { Zone } from "@hashwatt/protocol/zone";
import { expect, test } from "vitest";
import type { Supply } from "../economics/matching.js";
import { type CarbonContract, suppliesOver } from "../rates/carbon/contract.js";
import type { SiteRollupRow } from "../rollup/row.js";
import { siteMatching } from "./siteMatching.js";

const HOUR_MS = 3_600_000;
const solar: CarbonContract = {
  id: "roof",
  name: "Roof",
  kind: "own",
  kgPerKwh: 0,
  supply: { kind: "series", series: "generation/roof" },
  validFrom: "2026-01-01",
  source: "meter of the roof",
};
const row = (hour: number, kwh: number, powerCoveredMs = HOUR_MS, coveredMs = HOUR_MS) =>
  ({
    site: "farm",
    algo: "SHA256",
    startMs: hour * HOUR_MS,
    stepMs: HOUR_MS,
    kwh,
    coveredMs,
    powerCoveredMs,
    rigMs: HOUR_MS,
  }) as SiteRollupRow;

test("a load of 1,1,1,1 MWh against a sun of 0,2,2,0 is matched by half, although the sun gave as much as was drawn", async () => {
  const sun = [0, 2_000, 2_000, 0];
  const rows = [
    row(0, 400),
    row(0, 600),
    row(1, 1_000),
    row(2, 1_000),
    row(3, 1_000),
    row(4, 1_000),
    row(5, 9, 0),
  ];
  const answer = await siteMatching(
    { site: "farm", fromMs: 0, toMs: 6 * HOUR_MS },
    {
      terms: () => ({ contracts: [solar] }),
      supplies: (_site, { fromMs }) => {
        const kwh = sun[fromMs / HOUR_MS];
        return kwh === undefined ? undefined : [{ id: "roof", name: "Roof", kwh, kgPerKwh: 0 }];
      },
    },
    { siteRollups: async () => rows },
  );
  // The fifth hour has no generation that is known, the sixth no energy.
  expect(answer).toMatchObject({
    hourly: 0.5,
    annual: 1,
    loadKwh: 5_000,
    unmatchedKwh: 2_000,
    hours: 5,
    unknownHours: 1,
    contracts: [{ id: "roof", usedKwh: 2_000 }],
  });
});

test("an hour of which half the rigs told their power is in no share of a plant's supply, and in one of a share of whatever is drawn", async () => {
  const rows = [row(0, 500), row(0, 0, 0), row(1, 500), row(1, 500)];
  const asked = async (kwhOf: (loadKwh: number) => number) =>
    siteMatching(
      { site: "farm", fromMs: 0, toMs: 2 * HOUR_MS },
      {
        terms: () => ({ contracts: [solar] }),
        supplies: (_site, _hour, loadKwh) => [{ id: "roof", name: "Roof", kwh: kwhOf(loadKwh), kgPerKwh: 0 }],
      },
      { siteRollups: async () => rows },
    );
  expect(await asked(() => 500)).toMatchObject({ hours: 2, unknownHours: 1, hourly: 0.5, loadKwh: 1_500 });
  expect((await asked(() => 500)).contracts).toMatchObject([{ id: "roof", usedKwh: 500 }]);
  expect(await asked((loadKwh) => loadKwh / 4)).toMatchObject({ hours: 2, unknownHours: 0, hourly: 0.25 });
  // At night a roof supplies nothing of whatever load.
  expect(await asked(() => 0)).toMatchObject({ hours: 2, unknownHours: 0, hourly: 0 });
});

test("what a contract covered is unknown, and not nothing, where no hour is known", async () => {
  const half = [row(0, 500), row(0, 0, 0)];
  const asked = (rows: typeof half, supplies: Supply[] | undefined) =>
    siteMatching(
      { site: "farm", fromMs: 0, toMs: HOUR_MS },
      { terms: () => ({ contracts: [solar] }), supplies: () => supplies },
      { siteRollups: async () => rows },
    );
  const roof = { id: "roof", name: "Roof", kwh: 500, kgPerKwh: 0 };
  const unknown = { contracts: [{ id: "roof", usedKwh: null }] };
  expect(await asked([row(0, 500)], undefined)).toMatchObject({ hours: 1, unknownHours: 1, ...unknown });
  expect(await asked([], [roof])).toMatchObject({ hours: 0, ...unknown });
  expect(await asked([row(0, 500)], [])).toMatchObject({ contracts: [{ id: "roof", usedKwh: 0 }] });
});

test("rigs that do not answer are no part of an hour's load, which is known of the others", async () => {
  const off = Array.from({ length: 11 }, () => row(0, 0, 0, 0));
  const answer = await siteMatching(
    { site: "farm", fromMs: 0, toMs: HOUR_MS },
    {
      terms: () => ({ contracts: [solar] }),
      supplies: () => [{ id: "roof", name: "Roof", kwh: 500, kgPerKwh: 0 }],
    },
    { siteRollups: async () => [...off, row(0, 600), row(0, 400)] },
  );
  expect(answer).toMatchObject({ hours: 1, unknownHours: 0, hourly: 0.5, loadKwh: 1_000 });
});

test("the load of an hour that the site's meters cover is what they say, whatever rigs tell", async () => {
  const asked: string[] = [];
  const answer = await siteMatching(
    { site: "farm", fromMs: 0, toMs: 4 * HOUR_MS },
    {
      terms: () => ({ contracts: [solar] }),
      supplies: () => [{ id: "roof", name: "Roof", kwh: 500, kgPerKwh: 0 }],
    },
    // Half of the rigs tell their power, in the third hour too, in which the meters are silent; in the second none is there.
    { siteRollups: async () => [row(0, 500), row(0, 0, 0), row(2, 500), row(2, 0, 0)] },
    {
      async power(site, { stepMs }) {
        asked.push(`${site} ${stepMs}`);
        return (startMs) => [1_000_000, 250_000][startMs / HOUR_MS] ?? null;
      },
    },
  );
  expect(asked).toEqual([`farm ${HOUR_MS}`]);
  expect(answer).toMatchObject({ hours: 3, unknownHours: 1, hourly: 0.6, unmatchedKwh: 500 });
  expect(answer.loadKwh).toBe(1_000 + 250 + 500);
});

test("a contract and its renewal under the same name have each its own energy", async () => {
  const constant = { kind: "constant", kw: 100 } as const;
  const wind = { ...solar, name: "Wind PPA", supply: constant };
  const contracts = [
    { ...wind, id: "wind-1", validTo: "2026-08-01" },
    { ...wind, id: "wind-2", validFrom: "2026-08-01" },
  ];
  const augustMs = Date.UTC(2026, 7, 1);
  const answer = await siteMatching(
    { site: "farm", fromMs: augustMs - 2 * HOUR_MS, toMs: augustMs + HOUR_MS },
    {
      terms: () => ({ contracts }),
      supplies: (_site, range, loadKwh) => suppliesOver(contracts, Zone.of("UTC"), range, loadKwh, () => []),
    },
    { siteRollups: async () => [-2, -1, 0].map((hour) => row(augustMs / HOUR_MS + hour, 500)) },
  );
  expect(answer.contracts).toMatchObject([
    { id: "wind-1", usedKwh: 200 },
    { id: "wind-2", usedKwh: 100 },
  ]);
});

test("where nothing was drawn no share is known", async () => {
  const answer = await siteMatching(
    { site: "farm", fromMs: 10, toMs: 20 },
    { terms: () => ({}), supplies: () => [] },
    { siteRollups: async () => [] },
  );
  expect(answer).toMatchObject({ hourly: null, annual: null, unmatchedKwh: null, contracts: [] });
});
