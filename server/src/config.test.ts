import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "./config.js";
import { ServerError } from "./error.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const file = (text: string): string => {
  const path = join(folder, `${files++}.yaml`);
  writeFileSync(path, text);
  return path;
};
const refusal = (text: string, env: Record<string, string> = {}): string => {
  try {
    loadConfig(file(text), env);
  } catch (error) {
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).code).toBe("config");
    return (error as ServerError).message;
  }
  throw new Error("was not refused");
};

/** A config with one site that has one tariff. */
const withTariff = (energy: string, more: string): string =>
  `sites: [{ site: a, ${more}${more && ","} tariffs: [{ id: t, name: T, currency: USD, validFrom: 2026-01-01, source: s, energy: { ${energy} } }] }]`;

describe("the config", () => {
  test("is complete without a file: loopback, embedded broker, DuckDB", () => {
    expect(loadConfig(undefined, {})).toMatchObject({
      http: { host: "127.0.0.1", port: 8080 },
      broker: { embedded: { host: "127.0.0.1", port: 1883 } },
      store: { kind: "duckdb", dataDir: "data", maxDiskGb: 50, rawDays: 7, rollupDays: 400 },
      sites: [],
      flushMs: 250,
      liveFlushMs: 250,
      alerts: { resolveHoldMs: 300_000 },
      logLevel: "info",
    });
  });

  test("takes an external broker with its password from a file", () => {
    const password = file("hunter2\nsecond line\n");
    const config = loadConfig(
      file(`broker: { url: "mqtts://broker:8883", username: server, passwordFile: "${password}" }`),
      {},
    );
    const { broker } = config;
    if (broker === "off" || !("url" in broker)) throw new Error("no external broker");
    expect(broker.password?.reveal()).toBe("hunter2");
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toContain("hunter2");
  });

  test("takes an InfluxDB with its token from a file, any flavour written as a number or as text", () => {
    const token = file("t0ken\n");
    const config = loadConfig(
      file(
        `store: { kind: influxdb, influx: { url: "https://influx:8086", flavour: 2, org: mine, tokenFile: "${token}" } }`,
      ),
      {},
    );
    expect(config.store.influx).toMatchObject({
      flavour: "2",
      database: "hashwatt",
      create: true,
      maxInFlight: 2,
      batchLines: 5_000,
      timeoutMs: 20_000,
      rejectUnauthorized: true,
    });
    expect(config.store.influx?.token?.reveal()).toBe("t0ken");
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toContain("t0ken");
  });

  test("takes an InfluxDB from the environment alone", () => {
    const config = loadConfig(undefined, {
      HASHWATT_SERVER_STORE_KIND: "influxdb",
      HASHWATT_SERVER_STORE_INFLUX_URL: "http://127.0.0.1:8086",
      HASHWATT_SERVER_STORE_INFLUX_FLAVOUR: "1",
      HASHWATT_SERVER_STORE_INFLUX_USERNAME: "w",
      HASHWATT_SERVER_STORE_INFLUX_PASSWORD: "hunter2",
      HASHWATT_SERVER_STORE_INFLUX_MAX_IN_FLIGHT: "4",
    });
    expect(config.store).toMatchObject({
      kind: "influxdb",
      influx: { flavour: "1", username: "w", maxInFlight: 4 },
    });
    expect(config.store.influx?.password?.reveal()).toBe("hunter2");
  });

  test.each([
    ["", "store.influx: must say where the InfluxDB is"],
    ["influx: { org: a }", "store.influx.url: must be a URL such as http://127.0.0.1:8086"],
    ["influx: { url: 'ftp://x' }", "store.influx.url: must be a URL such as http://127.0.0.1:8086"],
    ["influx: { url: 'http://a:b@x' }", "store.influx.url: must hold no user or password"],
    ["influx: { url: 'http://x/?db=a' }", "store.influx.url: must end with its path"],
    ["influx: { url: 'http://x', token: t, username: u, password: p }", "store.influx has both a token"],
    ["influx: { url: 'http://x', token: t, tokenFile: f }", "has both token and tokenFile; keep one"],
    ["influx: { url: 'http://x', tokenFile: /none }", "store.influx.tokenFile: cannot read /none (ENOENT)"],
    ["influx: { url: 'http://x', username: u }", "store.influx has a username and no password"],
    ["influx: { url: 'http://x', password: p }", "store.influx has a password and no username"],
    ["influx: { url: 'http://x', flavour: 2, org: o }", "store.influx needs a token for InfluxDB 2.x"],
    ["influx: { url: 'http://x', flavour: 2, token: t }", "needs the name of the organisation"],
    ["influx: { url: 'http://x', flavour: 1, token: t }", "InfluxDB 1.x takes username and password"],
    ["influx: { url: 'http://x', flavour: 3, username: u, password: p }", "InfluxDB 3 takes a token"],
    ["influx: { url: 'http://x', flavour: 4 }", "store.influx.flavour: must be 1, 2 or 3"],
    ["influx: { url: 'http://x', database: 'a b' }", "store.influx.database: must be a name of letters"],
    ["influx: { url: 'http://x', tokn: t }", "unknown key store.influx.tokn; did you mean token?"],
  ])("refuses an InfluxDB of %s with one line that says what is wrong", (influx, message) => {
    const said = refusal(`store: { kind: influxdb${influx && `, ${influx}`} }`);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });

  test("is overridden by the environment", () => {
    const config = loadConfig(file("http: { port: 1 }"), {
      HASHWATT_SERVER_HTTP_PORT: "9090",
      HASHWATT_SERVER_STORE_DATA_DIR: "/x",
      HASHWATT_SERVER_FLUSH_MS: "0",
      HASHWATT_SERVER_PUBLISH_RIG_STATE: "true",
      HASHWATT_SERVER_WEBHOOK: "https://hooks.example/secret",
      OTHER: "1",
    });
    expect(config).toMatchObject({
      http: { port: 9090 },
      store: { dataDir: "/x" },
      flushMs: 0,
      publishRigState: true,
    });
    expect(`${config.webhook}`).toBe("***");
  });

  test("takes lists of words from the environment, separated by commas or blanks; an empty one is empty", () => {
    const config = loadConfig(file("http: { hosts: [old.example] }"), {
      HASHWATT_SERVER_HTTP_HOSTS: "",
      HASHWATT_SERVER_BROKER_URL: "mqtt://broker:1883",
      HASHWATT_SERVER_BROKER_SITES: "north, south",
    });
    expect(config.http.hosts).toEqual([]);
    expect(config.broker).toMatchObject({ sites: ["north", "south"] });
    expect(() =>
      loadConfig(undefined, {
        HASHWATT_SERVER_BROKER_URL: "mqtt://broker:1883",
        HASHWATT_SERVER_BROKER_SITES: "North",
      }),
    ).toThrow("HASHWATT_SERVER_BROKER_SITES: must be a name of a–z");
  });

  test.each([
    ["htpp: {}", "unknown key htpp; did you mean http?"],
    ["http: { prot: 1 }", "unknown key http.prot; did you mean port?"],
    ["sites: [{ site: a, pric: 1 }]", "unknown key sites[0].pric; did you mean price?"],
    ["broker: { embedded: { prt: 1 } }", "unknown key broker.embedded.prt; did you mean port?"],
    ["broker: { url: 'mqtt://x', usrname: a }", "unknown key broker.usrname; did you mean username?"],
    [
      "broker: { url: 'mqtt://x', embedded: { port: 1 } }",
      "yaml: broker: give either url or embedded, not both",
    ],
    ["broker: { url: 'http://x' }", "broker.url: must be a URL such as mqtt://127.0.0.1:1883"],
    ["broker: { url: 'mqtt://a:b@x' }", "broker.url: must hold no user or password"],
    ["http: { port: 99999 }", "http.port: "],
    ["sites: [{ site: 'A b' }]", "sites[0].site: must be a name of a–z"],
    ["sites: [{ site: a, zone: Mars/Base }]", "sites[0].zone: must be an IANA time zone"],
    ["sites: [{ site: a, currency: usd }]", "sites[0].currency: must be a currency code"],
    ["sites: [{ site: a }, { site: a }]", 'sites has "a" twice'],
    [withTariff("kind: flat, price: 1", ""), "sites[0].zone: tariffs need the site's time zone"],
    [withTariff("kind: flat, price: 1", "zone: UTC"), "sites[0].currency: tariffs need the site's currency"],
    [
      withTariff("kind: flat, price: 1", "zone: UTC, currency: EUR"),
      "sites[0].tariffs[0].currency: is USD, but the site counts in EUR",
    ],
    [
      withTariff("kind: tiered, tiers: [{ price: 1, upToKwh: 5 }]", "zone: UTC, currency: USD"),
      "sites[0].tariffs[0].energy.tiers[0].upToKwh: the last tier has no end",
    ],
    [
      withTariff(
        "kind: timeOfUse, bands: { a: 1 }, rules: [{ band: a, hours: [0-23] }]",
        "zone: UTC, currency: USD",
      ),
      "sites[0].tariffs[0].energy.rules: no rule fits 23:00 of a workday in January; begin with a rule that fits always",
    ],
    [
      withTariff(
        "kind: timeOfUse, bands: { a: 1 }, rules: [{ band: a, hours: [7to9] }]",
        "zone: UTC, currency: USD",
      ),
      '"7to9" is no stretch of hours such as 7-9, 16:30-21 or 22-6',
    ],
    ["store: { kind: sqlite }", "store.kind: "],
    ["alerts: { resolveHold: 1 }", "unknown key alerts.resolveHold; did you mean resolveHoldMs?"],
    ["alerts: { resolveHoldMs: 300001 }", "alerts.resolveHoldMs: "],
    ["webhook: ftp://x", "webhook: must be an http(s) URL"],
    ["- a", "must be a list of keys"],
    ["a: [", "is no YAML"],
  ])("refuses %s with one line that names the key", (text, message) => {
    const said = refusal(text);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });

  test.each([
    ["HASHWATT_SERVER_HTTP_PORT", "eighty", "expected number"],
    ["HASHWATT_SERVER_HTTP_PORT", "", "expected number"],
    ["HASHWATT_SERVER_HTTP_PORT", "99999", "expected number to be <=65535"],
    ["HASHWATT_SERVER_STORE_KIND", "sqlite", "duckdb"],
    ["HASHWATT_SERVER_BROKER_URL", "http://x", "must be a URL such as mqtt://"],
    ["HASHWATT_SERVER_BROKER_EMBEDDED_HOST", "0.0.0.0", "0.0.0.0 lets other machines in"],
    ["HASHWATT_SERVER_PUBLISH_RIG_STATE", "yes", "expected boolean"],
    ["HASHWATT_SERVER_WEBHOOK", "ftp://secret-token", "must be an http(s) URL"],
  ])("names the variable that is wrong: %s=%s", (name, value, message) => {
    const said = refusal("http: { hosts: [a] }", { [name]: value });
    expect(said.startsWith(`${name}: `)).toBe(true);
    expect(said).toContain(message);
    expect(said).not.toContain("secret-token");
  });

  test("says so when the environment names another broker beside the embedded one of the file", () => {
    const env = { HASHWATT_SERVER_BROKER_URL: "mqtt://x" };
    expect(refusal("broker: { embedded: {} }", env)).toContain(
      "broker: give either url or embedded, not both (HASHWATT_SERVER_BROKER_URL is set)",
    );
  });

  test.each(["a: [", "http: { port: 1 }\nlogLevel: 'info\n", "http:\n  port: 1\n port: 2\n"])(
    "names one position of broken YAML: %j",
    (text) => {
      const said = refusal(text);
      expect(said).toMatch(/\.yaml line \d+, column \d+: is no YAML: /);
      expect(said.match(/line \d+/g)).toHaveLength(1);
    },
  );

  test("refuses an environment variable that it does not know, naming the nearest", () => {
    expect(refusal("", { HASHWATT_SERVER_HTTP_PROT: "1" })).toContain(
      "did you mean HASHWATT_SERVER_HTTP_PORT?",
    );
  });

  test("names a file that cannot be read", () => {
    expect(() => loadConfig(join(folder, "none.yaml"), {})).toThrow(
      /--config: cannot read .*none\.yaml \(ENOENT\)/,
    );
  });
});
