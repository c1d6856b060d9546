// The options of `npm start`, their checks and their help.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXPOSURE_OPTIONS, exposureOf } from "./start-exposure.mjs";
import { brokerOf, influxOf, SERVICE_OPTIONS, UsageError } from "./start-services.mjs";
import { targetsProblem } from "./start-targets.mjs";

export const HELP = `npm start [-- options]

Builds and starts everything on one machine: broker, store, server, dashboard and agent. Without --scan it watches a
simulated fleet with a demo price; with --scan it watches your own rigs. Nothing listens beyond 127.0.0.1 unless
--host says so. Readings are kept in DuckDB and go over a broker of its own, unless --influx or --broker names yours.

  --scan TARGET    your rigs: an address, a range (192.168.1.10-60) or a CIDR (192.168.1.0/24); repeatable, up to
                   65,536 addresses together
  --price P        electricity price per kWh, in the site's currency; without it, profit of your rigs stays unknown
  --currency C     currency of the site (a new one begins with USD)
  --fx R           units of --currency per USD, where the bundled Bitcoin price does not have that currency
  --zone Z         IANA time zone of the site (a new one begins with this machine's)
  --grid G         region of the grid emission factor, for example CN-SD or COUNTRY-USA; without it, carbon stays unknown
  --site NAME      name of the site (default: demo or farm)
  --rigs N         how many simulated rigs (default 48)
  --backfill DAYS  fills a fresh store with so many days of the simulated fleet, a reading a minute, before it goes live; takes
                   a while: about ten minutes of a processor for a month of 48 rigs
  --scenario LIST  what happens to the simulated fleet: names of scenarios, or paths of timelines (.yaml), separated by commas
                   (npm run simulate -- scenarios lists them), for example heze-summer,pool-outage
  --set S.P=VALUE  a parameter of a scenario, like heat-wave.by=8; repeatable
  --speed X        lets time pass X times as fast, from 2 to 60, for all programs alike, in a data folder of its own
  --seed S         seed of the simulated fleet; the same seed gives the same fleet (default 1)
  --port P         port of the dashboard (default 8080)
  --host H         address that the dashboard listens on: 0.0.0.0 lets other machines in, and wants a password
  --password-file FILE  its first line is the password of the dashboard; or HASHWATT_HTTP_PASSWORD in the environment
  --tls-cert FILE --tls-key FILE   PEM files of a certificate and its key: the dashboard is at https://
  --mqtt-port P    port of the embedded broker (default 1883, else a free one)
  --data DIR       folder of all data (default ./data); with --influx of all but the readings
  --help           this text
What is said of a site (price, currency, zone, grid, name) is kept: a start that says nothing of it leaves it as it was said, or
set on the page Settings, before.

Your own InfluxDB (1.x, 2.x, 3) and MQTT broker
  --influx URL                keeps readings there: http://192.168.1.5:8086
  --influx-token-file FILE    2.x and 3: the token; or HASHWATT_INFLUX_TOKEN in the environment, or --influx-token TOKEN
  --influx-org NAME           2.x: the organisation
  --influx-user NAME          1.x: the user, with its password in HASHWATT_INFLUX_PASSWORD or
  --influx-password-file FILE
  --influx-database NAME      database or bucket (default hashwatt, of a simulated fleet hashwatt_demo); NAME_5m and NAME_1h
                              hold the sums
  --influx-ca FILE            PEM of the authority that signed its certificate, where the system does not know it
  --broker URL                mqtt://host:1883, mqtts://host:8883, ws:// or wss://
  --broker-user NAME          its user, with the password in HASHWATT_BROKER_PASSWORD or
  --broker-password-file FILE (or --broker-password PASSWORD)
  --broker-ca FILE            PEM of the authority that signed its certificate, where the system does not know it
What stands on a command line is seen by everybody on this machine: prefer a file or the environment for secrets.

Examples
  npm start
  npm start -- --scenario heze-summer,heat-wave --set heat-wave.by=8 --speed 60
  npm start -- --scan 192.168.1.0/24 --price 0.062 --currency USD --zone Asia/Shanghai --grid CN-SD
  npm start -- --scan 192.168.1.0/24 --influx http://192.168.1.5:8086 --influx-org farm --influx-token-file token
`;

export { UsageError };

const OPTIONS = {
  scan: { type: "string", multiple: true },
  price: { type: "string" },
  currency: { type: "string" },
  fx: { type: "string" },
  zone: { type: "string" },
  grid: { type: "string" },
  site: { type: "string" },
  rigs: { type: "string" },
  seed: { type: "string" },
  backfill: { type: "string" },
  scenario: { type: "string" },
  set: { type: "string", multiple: true },
  speed: { type: "string" },
  port: { type: "string" },
  "mqtt-port": { type: "string" },
  data: { type: "string" },
  ...EXPOSURE_OPTIONS,
  ...SERVICE_OPTIONS,
  help: { type: "boolean", short: "h" },
};

/** Number of edits between two words; enough to guess a misspelt option. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}

const nearest = (word, words) => words.toSorted((a, b) => distance(a, word) - distance(b, word))[0];

/** Regions that the product's data has a factor for. */
function gridRegions() {
  const { rows } = JSON.parse(
    readFileSync(new URL("../server/data/grid-emission-factors.json", import.meta.url), "utf8"),
  );
  return [...new Set(rows.map((row) => row.region))];
}

function number(name, text, low, high, whole) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (
    text.trim() === "" ||
    !Number.isFinite(value) ||
    value < low ||
    value > high ||
    (whole && !Number.isInteger(value))
  )
    throw new UsageError(
      `--${name} ${text}: expected ${whole ? "a whole number" : "a number"} from ${low} to ${high}`,
    );
  return value;
}

/** Reads the command line; throws {@link UsageError} with one line that says what to do. */
export function parseOptions(argv) {
  const { tokens, values } = parseArgs({ args: argv, options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional")
      throw new UsageError(
        `"${token.value}" is no option; see npm start -- --help (a target follows --scan)`,
      );
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(OPTIONS, token.name)) {
      const near = nearest(token.name, Object.keys(OPTIONS));
      throw new UsageError(`no option ${token.rawName}; did you mean --${near}? See npm start -- --help`);
    }
    if (OPTIONS[token.name].type === "string" && (token.value === undefined || token.value === ""))
      throw new UsageError(`${token.rawName} wants a value; see npm start -- --help`);
  }
  const scan = values.scan ?? [];
  const wrong = targetsProblem(scan);
  if (wrong !== undefined) throw new UsageError(`--scan: ${wrong}`);
  const simulated = scan.length === 0;
  for (const name of ["rigs", "seed", "backfill", "scenario", "set", "speed"])
    if (!simulated && values[name] !== undefined)
      throw new UsageError(`--${name} belongs to the simulated fleet; leave it or --scan out`);
  if (values.set && values.scenario === undefined)
    throw new UsageError("--set names a parameter of a scenario; give the --scenario too");
  const http = exposureOf(values);
  const influx = influxOf(values, simulated);
  if (influx && values.backfill !== undefined)
    throw new UsageError("--backfill fills a fresh DuckDB in a folder of its own; leave it or --influx out");
  const broker = brokerOf(values);
  if (broker && values["mqtt-port"] !== undefined)
    throw new UsageError("--mqtt-port belongs to the embedded broker; leave it or --broker out");
  const { zone, currency } = values;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw new UsageError(`--zone ${zone}: no such time zone; expected an IANA name such as Asia/Shanghai`);
  }
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency))
    throw new UsageError(`--currency ${currency}: expected three capital letters such as USD`);
  if (currency !== undefined && !Intl.supportedValuesOf("currency").includes(currency))
    throw new UsageError(
      `--currency ${currency}: no such currency; expected an ISO 4217 code such as USD, EUR or CNY`,
    );
  if (values.grid !== undefined) {
    const regions = gridRegions();
    if (!regions.includes(values.grid))
      throw new UsageError(
        `--grid ${values.grid}: no emission factor is known for it; did you mean ${regions.find((region) => region.startsWith(`COUNTRY-${values.grid}`)) ?? nearest(values.grid, regions)}? The regions are those of server/data/grid-emission-factors.json`,
      );
  }
  const siteName = values.site ?? (simulated ? "demo" : "farm");
  const site = siteName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);
  if (!site) throw new UsageError(`--site ${siteName}: expected a name with letters a–z or digits`);
  // The demo price stands for a middling industrial contract; it is shown as a demo wherever it counts.
  const demo = simulated ? { price: 0.06, gridRegion: "COUNTRY-USA" } : {};
  return {
    http,
    help: values.help === true,
    simulated,
    scan,
    site,
    /** What is said of the site, and no more: what is left out stays as it was said, or set on the page, before. */
    said: {
      name: values.site,
      zone,
      currency,
      price: number("price", values.price, -10, 1_000),
      gridRegion: values.grid,
      fxPerUsd: number("fx", values.fx, 1e-6, 1e6),
    },
    /** What a site begins with of which nothing was ever said. */
    initial: {
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC",
      currency: "USD",
      ...demo,
    },
    rigs: number("rigs", values.rigs, 1, 20_000, true) ?? 48,
    backfill: number("backfill", values.backfill, 1, 90, true),
    scenario: values.scenario,
    set: values.set ?? [],
    speed: number("speed", values.speed, 2, 60) ?? 1,
    seed: number("seed", values.seed, 0, 2 ** 31 - 1, true) ?? 1,
    port: number("port", values.port, 1, 65_535, true) ?? 8080,
    mqttPort: number("mqtt-port", values["mqtt-port"], 1, 65_535, true),
    data: values.data ?? "data",
    influx,
    broker,
  };
}
