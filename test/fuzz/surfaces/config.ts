import { AgentError } from "@hashwatt/agent/agentError";
import { parseConfig as parseAgent } from "@hashwatt/agent/config";
import { beginning, writtenOut } from "@hashwatt/protocol/plainText";
import { parseConfig as parseServer } from "@hashwatt/server/config";
import { ServerError } from "@hashwatt/server/error";
import { stringify } from "yaml";
import { mutate, Seeded } from "../mutators.js";
import { NASTY_TEXTS } from "../nasty.js";
import { type Outcome, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";

/** Files as an operator writes them, with every kind of key; nothing in them names a file. */
const FILES = {
  agent: {
    site: "home",
    agent: "rack-1",
    broker: { url: "mqtt://127.0.0.1:1883", username: "rack-1", password: "x" },
    dataDir: "data/agent",
    rigs: [{ address: "192.168.1.20" }, { address: "192.168.1.21:4029", intervalMs: 10_000 }],
    ranges: [{ range: "192.168.2.0/24" }, { range: "10.0.0.10-50", intervalMs: 30_000 }],
    exclude: ["192.168.1.1"],
    intervalMs: 5_000,
    spool: { maxBytes: 1_000_000_000 },
    logLevel: "info",
  },
  server: {
    http: { host: "127.0.0.1", port: 8080, hosts: ["farm.local"], tokens: ["a-long-token-0123456789"] },
    broker: {
      embedded: {
        host: "127.0.0.1",
        port: 1883,
        users: [
          { name: "farm/a", password: "b-long-enough" },
          { name: "plugs", password: "b-long-enough", topics: ["tele/+/SENSOR"] },
        ],
      },
    },
    store: { kind: "duckdb", dataDir: "data/server", maxDiskGb: 50 },
    sites: [
      {
        site: "farm",
        name: "Farm",
        zone: "Asia/Shanghai",
        currency: "USD",
        price: 0.06,
        gridRegion: "CN-SD",
        fxPerUsd: 7.1,
      },
      { site: "other", demo: true },
    ],
    alerts: {},
    metrics: { perRig: true },
    logLevel: "info",
  },
} as const;
/** Each key of a file with what it holds, as it stands in a JSON and in a YAML. */
const piecesOf = (file: object) =>
  Object.entries(file).map(([key, value]) => ({
    json: `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    yaml: stringify({ [key]: value }),
  }));
const PIECES = { agent: piecesOf(FILES.agent), server: piecesOf(FILES.server) };

/** A good file: mostly of some of the keys, for what is left out is read in no time. */
function goodFile(program: Program, chance: Seeded): string {
  const share = chance.of([0.3, 0.5, 1]);
  const pieces = PIECES[program].filter(() => chance.next() < share);
  if (chance.next() < 0.6) return `{${pieces.map(({ json }) => json).join(",")}}`;
  return pieces.map(({ yaml }) => yaml).join("");
}
/** What messages call the file. */
const FROM = "config.yaml";
/** The programs print no longer an error. */
const MOST_SHOWN = 600;
type Program = keyof typeof FILES;

const YAML_TRICKS = [
  "a: &a [x]\nb: *a\n",
  "&a [*a]\n",
  "!!js/function 'x'\n",
  "? [a]\n: b\n",
  "<<: {site: x}\n",
  "%YAML 9.9\n---\n",
  "---\na: 1\n---\nb: 2\n",
  "site: !!binary aGk=\n",
  "\tsite: x\n",
  "site: |\n  a\n   b\n",
  "site: 0o17\nagent: 0x1f\n",
  "site: yes\n",
  "site: 1e999\n",
  "site: .nan\n",
  "__proto__: {site: x}\n",
  `a: ${"[".repeat(300)}`,
  `${"- ".repeat(500)}x`,
  "a:\n".repeat(100),
  Array.from({ length: 30 }, (_, i) => `${"  ".repeat(i)}a${i}:`).join("\n"),
  "&a a: &b [*a, *a]\nc: [*b, *b, *b]\n",
  "\ufeffsite: x\n",
  "site: x\nsite: y\n",
];
/** The parser makes an error of everything that is wrong: what is wrong all along takes it 100 ms, so that few of these are given. */
const LONG_TRICKS = [`a: ${"[".repeat(3_000)}`, `${"- ".repeat(5_000)}x`, "a:\n".repeat(500)];
/** So much of a file is read, for the same reason; of one in fifty, and of one with deep nesting, more and less. */
const MOST_BYTES = 4_000;
const MOST_OF_LONG = 30_000;
const MOST_OF_DEEP = 700;

/** Config files of agent and server, as YAML and as JSON. */
export const config: Surface = {
  name: "config",
  parallel: 1,
  async start(seed) {
    const odd = oddValues(seed);
    const load = (program: Program, bytes: Buffer): Outcome => {
      try {
        // As a file is read. Writing one for each would cost more than all the rest.
        (program === "agent" ? parseAgent : parseServer)(bytes.toString(), FROM, {});
        return { kind: "accepted" };
      } catch (error) {
        if (!(error instanceof AgentError || error instanceof ServerError)) throw error;
        promised(error.code === "config", `refused as ${error.code}: ${error.message}`);
        promised(
          error.message.includes(FROM) || /ranges|address/.test(error.message),
          `the file is not named: ${error.message}`,
        );
        // The one place that prints it writes out what is no text.
        return {
          kind: "refused",
          code: error.code,
          reason: writtenOut(beginning(error.message, MOST_SHOWN)),
        };
      }
    };
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const program: Program = chance.next() < 0.5 ? "agent" : "server";
        const real = goodFile(program, chance);
        const tricky = chance.next();
        if (tricky < 0.05)
          return {
            bytes: Buffer.from(`${chance.of(chance.next() < 0.02 ? LONG_TRICKS : YAML_TRICKS)}${real}`),
            about: { program, how: "a trick of YAML" },
          };
        if (tricky < 0.08) {
          const text = real.replace(/home|farm|rack-1|data/, () => chance.of(NASTY_TEXTS));
          return { bytes: Buffer.from(text), about: { program, how: "a nasty text" } };
        }
        const { bytes, how } = mutate(Buffer.from(real), chance, odd, 0.6);
        // A few show that it does not take for ever.
        const usual = how.includes("nests deep") ? MOST_OF_DEEP : MOST_BYTES;
        const most = chance.next() < 0.02 ? MOST_OF_LONG : usual;
        return { bytes: bytes.subarray(0, most), about: { program, how } };
      },
      give: ({ bytes, about }) => load(about.program as Program, bytes),
      async good() {
        for (const program of ["agent", "server"] as const)
          promised(
            load(program, Buffer.from(stringify(FILES[program]))).kind === "accepted",
            `a good config of the ${program} is refused`,
          );
      },
      async close() {},
    };
  },
};
