import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, root, startOurs, startProgram } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

/** The Node that runs the packed agent; another one by `npm run test:node24`. */
const node = process.env.HASHWATT_TEST_NODE ?? process.execPath;

interface Manifest {
  version: string;
  bin: Record<string, string>;
  engines: { node: string };
}

const folder = scratch("packed");
const at = (...names: string[]) => join(folder.path, ...names);
const installed = (...names: string[]) => at("empty", "node_modules", "hashwatt-agent", ...names);
const run = promisify(execFile);
/** What a command of the installed program prints. */
const agent = async (...args: string[]) =>
  (await run(node, [installed("bin/hashwatt-agent.mjs"), ...args], { cwd: at("empty") })).stdout;

/** All files of a folder, as paths. */
const filesOf = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

let tarball: string;

beforeAll(async () => {
  await run(process.execPath, [join(root, "scripts/pack-agent.mjs"), "--out", folder.path]);
  tarball = readdirSync(folder.path).find((name) => name.endsWith(".tgz"))!;
  mkdirSync(at("empty"));
  // No registry, no cache: what is not in the package would be missing.
  await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", at(tarball)], {
    cwd: at("empty"),
    env: { ...process.env, npm_config_cache: at("cache"), npm_config_registry: "http://127.0.0.1:9" },
  });
});
afterAll(() => folder.remove());

describe("the packed agent", () => {
  test("is one small program for every processor, installed with nothing else", () => {
    const manifest = JSON.parse(readFileSync(installed("package.json"), "utf8")) as Manifest;
    expect(tarball).toBe(`hashwatt-agent-${manifest.version}.tgz`);
    expect(Object.keys(manifest)).toEqual(
      expect.not.arrayContaining(["dependencies", "scripts", "os", "cpu", "private"]),
    );
    expect(manifest.engines.node).toBe(">=20.19");
    expect(readdirSync(at("empty", "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "hashwatt-agent",
    ]);
    const files = filesOf(installed());
    expect(files.map((path) => path.slice(installed().length + 1)).sort()).toEqual([
      "LICENSE",
      "NOTICE",
      "README.md",
      "bin/hashwatt-agent.mjs",
      "hashwatt-agent.service",
      "package.json",
    ]);
    expect(files.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(3_000_000);
    expect(statSync(at(tarball)).size).toBeLessThan(1_000_000);
  });

  test("hands on the licence of every package whose code it holds", () => {
    const notice = readFileSync(installed("NOTICE"), "utf8");
    for (const name of ["mqtt", "mqtt-packet", "pino", "yaml", "zod", "ws"])
      expect(notice).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC)\\)$`, "m"));
    expect(notice).toContain("Permission is hereby granted, free of charge");
    expect(notice).toContain("Permission to use, copy, modify, and/or distribute this software");
  });

  test("is a command that explains itself", async () => {
    const { version } = JSON.parse(readFileSync(installed("package.json"), "utf8")) as Manifest;
    expect(await agent("--version")).toBe(`hashwatt-agent ${version}\n`);
    expect(await agent("--help")).toContain("hashwatt-agent run [--config FILE]");
    const command = at("empty", "node_modules", ".bin", "hashwatt-agent");
    expect(existsSync(command)).toBe(true);
    expect((await run(command, ["read", "--help"])).stdout).toContain("hashwatt-agent read");
  });
});

describe.skipIf(!programs.mosquitto || !programs.openssl)("the packed agent at work", () => {
  let fleet: Fleet;
  const running: Program[] = [];
  let httpPort: number;
  const ports = { mqtts: 0, wss: 0 };

  beforeAll(async () => {
    fleet = await startFleet({
      ...{ rigs: 4, seed: 5, base: "127.43.0.1", incidents: false },
      port: await freePort(),
    });
    const { ca, cert, key } = makeCertificates(folder.path);
    ports.mqtts = await freePort();
    ports.wss = await freePort();
    httpPort = await freePort();
    const tls = [`cafile ${ca}`, `certfile ${cert}`, `keyfile ${key}`];
    running.push(
      await startMosquitto({
        port: ports.mqtts,
        folder: folder.path,
        extra: [...tls, `listener ${ports.wss} 127.0.0.1`, "protocol websockets", ...tls],
      }),
    );
    writeFileSync(
      at("server.yaml"),
      JSON.stringify({
        http: { host: "127.0.0.1", port: httpPort },
        broker: { url: `mqtts://localhost:${ports.mqtts}`, caFile: ca },
        store: { kind: "memory" },
      }),
    );
    const server = startOurs("server", ["run", "--config", at("server.yaml")]);
    running.unshift(server);
    await server.waitFor('"msg":"listening"');
  });
  afterAll(async () => {
    for (const program of running) await program.stop();
    await fleet?.close();
  });

  test("reads a rig", async () => {
    const { address, port } = fleet.addresses[0]!;
    const reading = JSON.parse(await agent("read", `${address}:${port}`, "--json")) as Record<
      string,
      unknown
    >;
    expect(reading).toMatchObject({ status: "mining", algo: "SHA256" });
    expect(reading.hashrateThs).toBeGreaterThan(0);
  });

  test.each(["mqtts", "wss"] as const)(
    "publishes over %s, and what is stored leaves its spool",
    async (kind) => {
      const name = `packed-${kind}`;
      const rigs = fleet.addresses.slice(kind === "mqtts" ? 0 : 2, kind === "mqtts" ? 2 : 4);
      writeFileSync(
        at(`${name}.yaml`),
        JSON.stringify({
          site: "test",
          agent: name,
          broker: { url: `${kind}://localhost:${ports[kind]}`, caFile: at("ca.crt") },
          dataDir: at(name),
          intervalMs: 1_000,
          rigs: rigs.map(({ address, port }) => ({ address: `${address}:${port}` })),
        }),
      );
      const program = startProgram(
        node,
        [installed("bin/hashwatt-agent.mjs"), "run", "--config", at(`${name}.yaml`)],
        { cwd: at("empty") },
      );
      running.unshift(program);
      const { version } = JSON.parse(readFileSync(installed("package.json"), "utf8")) as Manifest;
      await until(`rigs of ${name} report`, async () => {
        const answer = await fetch(`http://127.0.0.1:${httpPort}/api/totals`);
        const totals = (await answer.json()) as {
          fleet: { reporting: number };
          agents: { agent: string; state: string; version?: string }[];
        };
        const told = totals.agents.find((each) => each.agent === name);
        return totals.fleet.reporting >= rigs.length && told?.state === "online" && told.version === version;
      });
      // An agent that is stopped waits for the acks of what is in flight, so that nothing of it is left.
      expect(await program.stop()).toBe(0);
      expect(JSON.parse(await program.waitFor('"msg":"agent stopped"'))).toMatchObject({
        spool: { batches: 0, droppedBatches: 0, damagedRecords: 0 },
      });
    },
  );
});
