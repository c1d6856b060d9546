import { afterAll, beforeAll, describe } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";
import { openInfluxStore } from "./support/influxStore.js";
import { telemetryContract } from "./support/telemetryContract.js";

describe.skipIf(!programs.influxd).each([false, true])(
  "on a real InfluxDB 1.x with authentication %s",
  (auth) => {
    let influxd: Influxd;
    beforeAll(async () => {
      influxd = await startInfluxd({ auth });
    });
    afterAll(() => influxd[Symbol.asyncDispose]());

    telemetryContract("influxdb", {
      durable: true,
      keptElsewhere: true,
      open: (folder) => openInfluxStore({ url: influxd.url, ...influxd.admin }, folder),
    });
  },
);

/** What an InfluxDB of one's own is reached by, e.g. `HASHWATT_INFLUX2_URL`. */
const own = (name: string): string | undefined => process.env[`HASHWATT_INFLUX${name}`] || undefined;

if (own("2_URL"))
  telemetryContract("influxdb 2.x of one's own", {
    durable: true,
    keptElsewhere: true,
    open: (folder) =>
      openInfluxStore({ url: own("2_URL"), token: own("2_TOKEN"), org: own("2_ORG"), flavour: "2" }, folder),
  });

if (own("3_URL"))
  telemetryContract("influxdb 3 of one's own", {
    durable: true,
    keptElsewhere: true,
    open: (folder) => openInfluxStore({ url: own("3_URL"), token: own("3_TOKEN"), flavour: "3" }, folder),
  });
