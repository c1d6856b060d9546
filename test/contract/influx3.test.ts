import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { type FakeInflux3, startFakeInflux3 } from "../support/fakeInflux3.js";
import { programs } from "../support/programs.js";
import { line, nowMs, Opened, READ, readBack } from "./support/openedInflux.js";
import { tempFolder } from "./support/telemetryStores.js";

const opened = new Opened();
const open = opened.open.bind(opened);

describe("InfluxDB 3", () => {
  let fake: FakeInflux3;
  const tokens = { admin: { admin: true }, plain: { admin: false } };
  const keys = (token = "admin") => ({ url: fake.url, token });
  beforeEach(async () => {
    fake = await startFakeInflux3({ tokens });
  });
  afterEach(async () => {
    opened.close();
    await fake.close();
    expect(fake.unexpected).toEqual([]);
  });

  it("gets its databases made with their retention, before a first write makes one that keeps for ever", async () => {
    const influx = open(keys());
    expect(await influx.write("hashwatt", [line(1)])).toEqual([]);
    expect(influx.instance).toEqual({ flavour: "3", version: "3.9.0" });
    expect([...fake.databases]).toEqual([
      ["hashwatt", "168h"],
      ["hashwatt_5m", "9600h"],
      ["hashwatt_1h", undefined],
    ]);
    expect(fake.lines).toEqual([line(1)]);
  });

  it("works with a token that may not list databases, and says so where one of them is missing", async () => {
    await expect(open(keys("plain")).ready()).rejects.toMatchObject({
      code: "storeMissing",
      message: expect.stringContaining(
        'has no database "hashwatt": create it with a retention of 7 days, or allow us',
      ),
    });
    fake.answers.set("SHOW MEASUREMENTS", []);
    for (const name of ["hashwatt", "hashwatt_5m", "hashwatt_1h"]) fake.databases.set(name, "1h");
    expect(await open(keys("plain")).write("hashwatt", [line(1)])).toEqual([]);
  });

  it("stores what is good of a batch and names what it leaves out by its number", async () => {
    const influx = open(keys());
    const lost = await influx.write("hashwatt", [line(1), "no line", line(2, nowMs, '"much"'), line(3)]);
    expect(lost).toEqual([
      { database: "hashwatt", count: 1, why: "Could not parse entire line", lines: ["no line"] },
      {
        database: "hashwatt",
        count: 1,
        why: expect.stringContaining("invalid column type for column 'powerW'"),
        lines: [line(2, nowMs, '"much"')],
      },
    ]);
    expect(fake.lines).toEqual([line(1), line(3)]);
    expect(fake.writes).toHaveLength(1);
  });

  it("whose limits forbid a write stops the acks instead of losing lines", async () => {
    const influx = open(keys());
    await influx.write("hashwatt", [line(1)]);
    fake.trouble = () => ({ status: 422, body: { error: "Adding a new column would exceed limit of 500" } });
    await expect(influx.write("hashwatt", [line(2), line(3)])).rejects.toMatchObject({
      code: "storeFailed",
      retryable: true,
      message: expect.stringContaining("exceed limit"),
    });
    fake.trouble = undefined;
    expect(await influx.write("hashwatt", [line(2), line(3)])).toEqual([]);
  });

  it("may answer tags as columns of one series", async () => {
    const columns = ["time", "rig", "status", "intervalMs", "powerW"];
    fake.answers.set('SELECT "status"', [
      {
        name: "rig",
        columns,
        values: [
          [nowMs - 5_000, "r2", "mining", 5_000, 3_000],
          [nowMs - 2_000, "r11", "mining", 5_000, 3_100],
          [nowMs - 1_000, "r2", "unreachable", 5_000, null],
        ],
      },
    ]);
    expect(await readBack(open(keys()))).toEqual(READ);
  });

  it("refuses a token that it does not know", async () => {
    await expect(open(keys("stale")).ready()).rejects.toMatchObject({ code: "storeDenied" });
  });
});

describe.skipIf(!programs.openssl)("an InfluxDB behind TLS", () => {
  it("is believed by the authority that the config names, and by no other", async () => {
    using folder = tempFolder();
    const { ca, cert, key } = makeCertificates(folder.path);
    const tls = { cert: readFileSync(cert), key: readFileSync(key) };
    const fake = await startFakeInflux3({ tokens: { admin: { admin: true } }, tls });
    const keys = { url: fake.url, token: "admin" };
    try {
      expect(await open({ ...keys, caFile: ca }).write("hashwatt", [line(1)])).toEqual([]);
      await expect(open(keys).ready()).rejects.toMatchObject({
        code: "storeUnreachable",
        message: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
      });
      await expect(open(keys).ready()).rejects.toThrow(
        "name the authority that signed its certificate in store.influx.caFile",
      );
      expect(await open({ ...keys, rejectUnauthorized: false }).write("hashwatt", [line(2)])).toEqual([]);
      expect(fake.lines).toEqual([line(1), line(2)]);
      expect(() => open({ ...keys, caFile: join(folder.path, "none") })).toThrow(
        /store\.influx\.caFile: cannot read .*none \(ENOENT\)/,
      );
      expect(fake.unexpected).toEqual([]);
    } finally {
      opened.close();
      await fake.close();
    }
  });
});
