import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig, loginRules } from "./config.js";
import { newLogins } from "./logins.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, "agent.yaml");
  writeFileSync(path, text);
  return path;
}
const load = (text: string, env: Record<string, string> = {}) => loadConfig(write(text), env);

describe("the config", () => {
  it("has a default for everything", () => {
    const config = loadConfig(undefined, {});
    expect(config).toMatchObject({
      site: "home",
      broker: { url: "mqtt://127.0.0.1:1883" },
      batchMs: 100,
      concurrency: 512,
      gzip: true,
      spool: { maxBytes: 20e9, maxAgeMs: 6 * 86_400_000 },
    });
    expect(config.intervalMs).toBeUndefined();
  });

  it("takes JSON for YAML, rigs with ports and ranges with intervals", () => {
    const config = load(
      '{"site":"north","rigs":[{"address":"127.10.0.1:4628"}],"ranges":[{"range":"10.0.0.0/24","intervalMs":2000}]}',
    );
    expect(config.rigs).toEqual([{ address: "127.10.0.1:4628" }]);
    expect(config.ranges).toEqual([{ range: "10.0.0.0/24", port: 4028, intervalMs: 2000 }]);
  });

  it("takes ports of web interfaces that are not the makers', for rigs and ranges", () => {
    const config = load(
      "rigs: [{ address: 10.0.0.1, httpPort: 8080 }]\nranges: [{ range: 10.0.0.0/24, httpPort: 81, v3Port: 4434 }]",
    );
    expect(config.rigs).toEqual([{ address: "10.0.0.1", httpPort: 8080 }]);
    expect(config.ranges).toEqual([{ range: "10.0.0.0/24", port: 4028, httpPort: 81, v3Port: 4434 }]);
  });

  it("is overridden by the environment", () => {
    const config = load("site: a\nbroker: { url: mqtt://x:1 }\n", {
      HASHWATT_AGENT_SITE: "b",
      HASHWATT_AGENT_BROKER_URL: "mqtts://y:8883",
      HASHWATT_AGENT_BROKER_PASSWORD: "12345",
      HASHWATT_AGENT_INTERVAL_MS: "2000",
      HASHWATT_AGENT_GZIP: "false",
      HASHWATT_AGENT_SPOOL_MAX_BYTES: "5000000",
      HOME: "/root",
    });
    expect(config).toMatchObject({
      site: "b",
      broker: { url: "mqtts://y:8883" },
      intervalMs: 2000,
      gzip: false,
    });
    expect(config.spool).toMatchObject({ maxBytes: 5_000_000, segmentBytes: 16 * 1024 * 1024 });
    expect(config.broker.password?.reveal()).toBe("12345");
  });

  it("takes an empty password, or file of one, in the environment for unset, and nothing else", () => {
    const given = "broker: { url: mqtt://x:1, password: hunter2 }\n";
    const empty = { HASHWATT_AGENT_BROKER_PASSWORD: "", HASHWATT_AGENT_BROKER_PASSWORD_FILE: "" };
    expect(load(given, empty).broker.password?.reveal()).toBe("hunter2");
    expect(loadConfig(undefined, empty).broker.password).toBeUndefined();
    expect(() => load(given, { HASHWATT_AGENT_BROKER_USERNAME: "" })).toThrow(/broker\.username/);
  });

  it("takes ranges and exclusions from the environment, separated by commas or blanks", () => {
    const config = load("ranges: [{ range: 10.9.0.0/24 }]", {
      HASHWATT_AGENT_RANGES: "10.0.0.0/24, 10.1.0.5-20",
      HASHWATT_AGENT_EXCLUDE: "10.0.0.1",
    });
    expect(config.ranges.map(({ range }) => range)).toEqual(["10.0.0.0/24", "10.1.0.5-20"]);
    expect(config.exclude).toEqual(["10.0.0.1"]);
    expect(load("", { HASHWATT_AGENT_RANGES: "" }).ranges).toEqual([]);
    expect(() => load("", { HASHWATT_AGENT_RANGES: "10.0.0.0/99" })).toThrow(/ranges\[0\]\.range/);
  });

  it("never shows a secret", () => {
    writeFileSync(join(folder, "secret"), "hunter2\n");
    const config = load(`broker: { url: mqtt://x:1, username: u, passwordFile: ${join(folder, "secret")} }`);
    expect(config.broker.password?.reveal()).toBe("hunter2");
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 }), `${config.broker.password}`])
      expect(shown).not.toContain("hunter2");
  });

  it("takes rig logins with the password from the file, another file or the environment, and shows none", () => {
    writeFileSync(join(folder, "rigs"), "hunter2\n");
    const config = load(
      `logins:
  - { make: antminer, range: 10.0.0.0/16, username: root, passwordFile: ${join(folder, "rigs")} }
  - { range: 10.1.0.5, username: ops, passwordEnv: OPS_PASSWORD }
  - { username: root, password: hunter4 }
`,
      { OPS_PASSWORD: "hunter3" },
    );
    const logins = newLogins(loginRules(config), config.defaultLogins);
    const of = (make: string | undefined, address: string) => logins.find(make, address)?.password.reveal();
    expect(of("antminer", "10.0.3.4")).toBe("hunter2");
    expect(of("avalon", "10.1.0.5")).toBe("hunter3");
    expect(of("antminer", "10.2.0.1")).toBe("hunter4");
    expect(of(undefined, "rig.local")).toBe("hunter4");
    expect(logins.allowDefaults).toBe(true);
    for (const shown of [
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      inspect(logins, { depth: 9 }),
    ])
      expect(shown).not.toContain("hunter");
  });

  it.each([
    ["sit: x", /agent\.yaml: unknown key sit; did you mean site\?/],
    ["broker: { url: mqtt://x:1, pasword: y }", /unknown key broker\.pasword; did you mean password\?/],
    ["ranges: [{ cidr: 10.0.0.0/24 }]", /ranges\[0\]/],
    ["rigs: [{ address: 10.0.0.1, name: x }]", /unknown key rigs\[0\]\.name/],
    ["intervalMs: 10", /intervalMs: .*1000/],
    ["site: North Farm", /site: must be a name of a–z/],
    ["broker: { url: http://x }", /broker\.url: must be a URL such as mqtt/],
    ["broker: { url: 'mqtt://u:p@x:1' }", /broker\.url: must hold no user or password/],
    ["rigs: [{ address: 10.0.0.500 }]", /rigs\[0\]\.address: "10\.0\.0\.500" is no rig's address/],
    ["ranges: [{ range: 10.0.0.0/8 }]", /ranges\[0\]\.range: .*more than 65,536/],
    ["ranges: [{ range: 10.0.0.0/16 }, { range: 10.1.0.0/16 }]", /131,068 addresses together/],
    [
      "logins: [{ make: antmner, username: a, password: b }]",
      /logins\[0\]\.make: "antmner" has no web login; one of/,
    ],
    ["logins: [{ username: a }]", /logins\[0\]: give one of password, passwordFile and passwordEnv/],
    ["logins: [{ username: a, passwordEnv: NOT_THERE }]", /logins\[0\]\.passwordEnv: NOT_THERE is not set/],
    ["logins: [{ username: a, password: b, range: x }]", /logins\[0\]\.range/],
    ["site: [", /line 1.*is no YAML/],
    ["- a", /must be a list of keys/],
    [
      "broker: { url: mqtt://x:1, passwordFile: /no/such }",
      /broker\.passwordFile: cannot read \/no\/such \(ENOENT\)/,
    ],
  ])("refuses %s in one line", (text, words) => {
    expect(() => load(text)).toThrow(words);
    try {
      load(text);
    } catch (error) {
      expect((error as Error).message).not.toContain("\n");
      expect(error).toMatchObject({ code: "config", retryable: false });
    }
  });

  it("names the nearest variable for one that it does not know, and a file that is not there", () => {
    expect(() => load("", { HASHWATT_AGENT_BROKER_UR: "x" })).toThrow(
      "HASHWATT_AGENT_BROKER_UR is no setting of the agent; did you mean HASHWATT_AGENT_BROKER_URL?",
    );
    expect(() => loadConfig("/no/such.yaml", {})).toThrow("--config: cannot read /no/such.yaml (ENOENT)");
  });
});
