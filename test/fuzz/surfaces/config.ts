import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentError } from "@hashwatt/agent/agentError";
import { loadConfig as loadAgent } from "@hashwatt/agent/config";
import { beginning, writtenOut } from "@hashwatt/protocol/plainText";
import { loadConfig as loadServer } from "@hashwatt/server/config";
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
      embedded: { host: "127.0.0.1", port: 1883, users: [{ name: "a", password: "b-long-enough" }] },
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
  `a: ${"[".repeat(3_000)}`,
  `${"- ".repeat(5_000)}x`,
  "a:\n".repeat(500),
  Array.from({ length: 30 }, (_, i) => `${"  ".repeat(i)}a${i}:`).join("\n"),
  "&a a: &b [*a, *a]\nc: [*b, *b, *b]\n",
  "\ufeffsite: x\n",
  "site: x\nsite: y\n",
];

/** Config files of agent and server, as YAML and as JSON. */
export const config: Surface = {
  name: "config",
  parallel: 1,
  async start(seed) {
    const odd = oddValues(seed);
    const folder = mkdtempSync(join(tmpdir(), "hashwatt-fuzz-"));
    const path = join(folder, "config.yaml");
    const load = (program: Program, bytes: Buffer): Outcome => {
      writeFileSync(path, bytes);
      try {
        if (program === "agent") loadAgent(path, {});
        else loadServer(path, {});
        return { kind: "accepted" };
      } catch (error) {
        if (!(error instanceof AgentError || error instanceof ServerError)) throw error;
        promised(error.code === "config", `refused as ${error.code}: ${error.message}`);
        promised(
          error.message.includes(path) || /ranges|address/.test(error.message),
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
        const file = FILES[program];
        const real = chance.next() < 0.6 ? JSON.stringify(file) : stringify(file);
        const tricky = chance.next();
        if (tricky < 0.05)
          return {
            bytes: Buffer.from(`${chance.of(YAML_TRICKS)}${real}`),
            about: { program, how: "a trick of YAML" },
          };
        if (tricky < 0.08) {
          const text = real.replace(/home|farm|rack-1|data/, () => chance.of(NASTY_TEXTS));
          return { bytes: Buffer.from(text), about: { program, how: "a nasty text" } };
        }
        const { bytes, how } = mutate(Buffer.from(real), chance, odd, 0.6);
        // The parser takes its time over what is long; a few show that it does not take for ever.
        const most = chance.next() < 0.02 ? 30_000 : 4_000;
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
      async close() {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
