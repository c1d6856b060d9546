import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FANS, RIG_FIELDS, rigTag } from "@hashwatt/server/store/influx/fields";
import { addLines } from "@hashwatt/server/store/influx/lines";
import {
  RIG_ROLLUP_FIELDS,
  rigRollupLine,
  SITE_ROLLUP_FIELDS,
  siteRollupLine,
} from "@hashwatt/server/store/influx/rollupLines";
import { databasesOf } from "@hashwatt/server/store/influx/wanted";
import { BOARD_NUMBERS } from "@hashwatt/server/store/parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { madeEnv, readCompose } from "../../support/compose.js";
import { type Influxd, startInfluxd } from "../../support/influxd.js";
import { root } from "../../support/program.js";
import { programs } from "../../support/programs.js";

interface Target {
  query: string;
  rawQuery: boolean;
  alias: string;
  datasource: { uid: string };
}
interface Variable {
  name: string;
  type: string;
  query: string;
  multi?: boolean;
  datasource?: { uid: string };
}
interface Dashboard {
  uid: string;
  title: string;
  templating: { list: Variable[] };
  panels: {
    title: string;
    type: string;
    description?: string;
    datasource?: { uid: string };
    targets?: Target[];
  }[];
}
interface Source {
  uid: string;
  type: string;
  url: string;
  basicAuthUser: string;
  jsonData: { dbName: string; timeInterval: string };
  secureJsonData: { basicAuthPassword: string };
}

const folder = join(root, "packaging/grafana");
const { grafana, influxdb } = readCompose("docker-compose.yml", madeEnv()).services;
const { datasources } = parse(
  readFileSync(join(folder, "provisioning/datasources/hashwatt.yaml"), "utf8"),
) as {
  datasources: Source[];
};
const dashboards = readdirSync(join(folder, "dashboards")).map(
  (name) => JSON.parse(readFileSync(join(folder, "dashboards", name), "utf8")) as Dashboard,
);
const bucket = influxdb!.environment!.DOCKER_INFLUXDB_INIT_BUCKET!;
const databases = databasesOf(bucket, { rawDays: 7, rollupDays: 400 });
const databaseOf = (uid: string) => datasources.find((source) => source.uid === uid)!.jsonData.dbName;

/** Tags and fields of every measurement, by database: what the server writes. */
const SCHEMA: Record<string, Record<string, readonly string[]>> = {
  [databases.raw.name]: {
    rig: ["site", "rig", ...RIG_FIELDS, ...FANS],
    board: ["site", "rig", "board", ...BOARD_NUMBERS],
  },
  [databases.fiveMinutes.name]: {
    rig: ["site", "rig", ...RIG_ROLLUP_FIELDS],
    site: ["site", "algo", ...SITE_ROLLUP_FIELDS],
  },
  [databases.hours.name]: {
    rig: ["site", "rig", ...RIG_ROLLUP_FIELDS],
    site: ["site", "algo", ...SITE_ROLLUP_FIELDS],
  },
};

/** Every query of a dashboard, with where it is asked. */
const queriesOf = ({ title, panels, templating }: Dashboard) => [
  ...panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ query, datasource }) => ({
      where: `${title}: ${panel.title}`,
      query,
      database: databaseOf(datasource.uid),
    })),
  ),
  ...templating.list
    .filter(({ type }) => type === "query")
    .map(({ name, query, datasource }) => ({
      where: `${title}: $${name}`,
      query,
      database: databaseOf(datasource!.uid),
    })),
];
const queries = dashboards.flatMap(queriesOf);

describe("Grafana's dashboards", () => {
  test("are fleet, rig and money, and lie where the provisioning of compose looks", () => {
    expect(dashboards.map(({ uid }) => uid).sort()).toEqual([
      "hashwatt-fleet",
      "hashwatt-money",
      "hashwatt-rig",
    ]);
    const provider = parse(readFileSync(join(folder, "provisioning/dashboards/hashwatt.yaml"), "utf8")) as {
      providers: { options: { path: string } }[];
    };
    expect(grafana!.volumes).toContain(
      `./packaging/grafana/dashboards:${provider.providers[0]!.options.path}:ro`,
    );
  });

  test("ask the three buckets of the server, as the user who may only read", () => {
    expect(datasources.map(({ jsonData }) => jsonData.dbName)).toEqual([
      databases.raw.name,
      databases.fiveMinutes.name,
      databases.hours.name,
    ]);
    for (const { type, url, basicAuthUser, secureJsonData } of datasources) {
      expect(type).toBe("influxdb");
      for (const given of [url, secureJsonData.basicAuthPassword])
        expect(grafana!.environment).toHaveProperty(given.replace("$", ""));
      expect(readFileSync(join(root, "packaging/influxdb/10-reader.sh"), "utf8")).toContain(
        `--username ${basicAuthUser} --password "${secureJsonData.basicAuthPassword}"`,
      );
    }
    expect(grafana!.environment!.INFLUXDB_READER_PASSWORD).toBe(
      influxdb!.environment!.INFLUXDB_READER_PASSWORD,
    );
  });

  test.each(queries)(
    "$where names only measurements, tags and fields that the server writes",
    ({ query, database }) => {
      const measurement = /FROM "(\w+)"/.exec(query)?.[1];
      expect(measurement).toBeDefined();
      const known = SCHEMA[database]![measurement!];
      expect(known, `${measurement} in ${database}`).toBeDefined();
      // What a column is called in the answer is no field.
      const asked = query.replace(/AS "\w+"/g, "").replace(`FROM "${measurement}"`, "");
      for (const [, name] of asked.matchAll(/"(\w+)"/g)) expect(known, `"${name}"`).toContain(name);
      // One statement in the subset that all flavours speak.
      expect(query).not.toMatch(/;|\bINTO\b|\bSLIMIT\b|integral\(|DELETE|DROP|"\."/i);
    },
  );

  test("use only variables that they have, and never sum algorithms", () => {
    for (const dashboard of dashboards) {
      const names = new Set(dashboard.templating.list.map(({ name }) => name));
      for (const { where, query } of queriesOf(dashboard)) {
        for (const [, name] of query.matchAll(/\$(?!timeFilter|__interval)(\w+)/g))
          expect(names, where).toContain(name);
        const algo = dashboard.templating.list.find(({ name }) => name === "algo");
        if (/FROM "site"/.test(query) && /^SELECT/.test(query) && algo?.multi)
          expect(query, where).toMatch(/GROUP BY .*"algo"/);
      }
    }
  });

  test("call every figure of money and carbon an assumption, since InfluxDB holds no prices", () => {
    const money = dashboards.find(({ uid }) => uid === "hashwatt-money")!;
    for (const { title, targets = [] } of money.panels)
      for (const { query } of targets)
        if (/\$(price|hashprice|factor)/.test(query)) expect(title).toMatch(/assumed/);
    for (const name of ["price", "hashprice", "factor"])
      expect(money.templating.list.find((variable) => variable.name === name)).toMatchObject({
        type: "textbox",
        label: expect.stringMatching(/^Assumed /),
      });
  });
});

/** Query text as Grafana sends it: one site, one rig, one algorithm, and the last two hours. */
const filled = (query: string) =>
  query
    .replaceAll("$timeFilter", "time >= now() - 2h")
    .replaceAll("$__interval", "5m")
    .replaceAll("$site", "north")
    .replaceAll("$algo", "SHA256")
    .replaceAll("$rig", rigTag(7))
    .replaceAll("$hashprice", "50")
    .replaceAll("$price", "0.06")
    .replaceAll("$factor", "0.5");

describe.skipIf(!programs.influxd)("Grafana's dashboards on a real InfluxDB", () => {
  let influxd: Influxd;
  beforeAll(async () => {
    influxd = await startInfluxd();
    const now = Date.now();
    const raw: string[] = [];
    // More than one step of the charts apart: what is gained is gained from one to the next.
    for (const ago of [1_000_000, 700_000, 400_000, 100_000])
      addLines(
        {
          rig: 7,
          site: "north",
          agent: "hall-1",
          stream: "s",
          receivedMs: now - ago + 40,
          sample: {
            rig: "10-0-0-7",
            atMs: now - ago,
            intervalMs: 5_000,
            pollMs: 80,
            status: "mining",
            algo: "SHA256",
            hashrateThs: 110,
            hashrateAvgThs: 109,
            targetThs: 110,
            powerW: 3_300,
            powerSource: "psu",
            powerLimitW: 3_600,
            inletTempC: 25,
            outletTempC: 45,
            coolantTempC: 30,
            psuTempC: 50,
            boardTempC: 60,
            chipTempC: 71,
            boardLimitC: 90,
            chipLimitC: 95,
            fansRpm: [6_000, 6_010, 5_990, 6_020],
            boards: [
              {
                slot: 0,
                hashrateThs: 36,
                boardTempC: 60,
                chipTempC: 71,
                chips: 114,
                chipsExpected: 114,
                hwErrors: (1_000_000 - ago) / 1_000,
              },
            ],
            shares: { accepted: 2_000_000 - ago, rejected: 10, stale: 2 },
          },
        } as unknown as Parameters<typeof addLines>[0],
        raw,
      );
    await write(databases.raw.name, raw);
    const spread = { min: 1, mean: 2, max: 3 };
    for (const [database, stepMs] of [
      [databases.fiveMinutes.name, 300_000],
      [databases.hours.name, 3_600_000],
    ] as const) {
      const startMs = Math.floor(now / 300_000) * 300_000 - 600_000;
      const sums = {
        startMs,
        stepMs,
        algo: "SHA256",
        coveredMs: stepMs,
        miningMs: stepMs,
        hashCoveredMs: stepMs,
        thsHours: 9,
        powerCoveredMs: stepMs,
        kwh: 0.3,
        kwhBySource: [0.1, 0.05, 0.05, 0.05, 0.05],
      };
      await write(database, [
        rigRollupLine(
          {
            ...sums,
            rig: 7,
            samples: 60,
            hashrateThs: spread,
            powerW: spread,
            inletTempC: spread,
            boardTempC: spread,
            chipTempC: spread,
            fanRpm: spread,
          },
          "north",
        ),
        siteRollupLine({
          ...sums,
          site: "north",
          rigMs: stepMs,
          hashSpanMs: stepMs,
          powerSpanMs: stepMs,
          nominalThs: 110,
        }),
      ]);
    }
  });
  afterAll(async () => {
    await influxd?.[Symbol.asyncDispose]();
  });
  const write = async (database: string, lines: string[]) => {
    await influxd.query(`CREATE DATABASE "${database}"`);
    const answer = await fetch(`${influxd.url}/write?db=${database}&precision=ms`, {
      method: "POST",
      body: lines.join("\n"),
    });
    expect(await answer.text()).toBe("");
  };

  test.each(queries)("$where is answered with what is there", async ({ query, database }) => {
    const { series = [] } = await influxd.query(filled(query), database);
    expect(series.length, filled(query)).toBeGreaterThan(0);
    const values = series.flatMap(({ values, columns }) =>
      values.map((row) => row.slice(columns[0] === "time" ? 1 : 0)),
    );
    expect(values.some((row) => row.every((value) => value !== null))).toBe(true);
  });
});
