import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Compose, madeEnv, readCompose } from "../support/compose.js";
import { environmentOf, lastOf } from "../support/dockerfile.js";
import { ImageBuild, makeReadOnly } from "../support/imageBuild.js";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { startPackagedMosquitto } from "../support/packagedMosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, startProgram } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

const isRoot = process.getuid?.() === 0;
const TARGETS = ["server", "agent", "simulator"] as const;
type Target = (typeof TARGETS)[number];

/**
 * The images of the Dockerfile, put together in folders and run as compose.yml runs them: with its environment, as the
 * image's user, on a root that cannot be written. Only addresses and ports are this test's, and the InfluxDB is of 1.x.
 */
describe.skipIf(!programs.mosquitto || !programs.influxd)(
  "the images, as compose runs them",
  { timeout: 300_000 },
  () => {
    const folder = scratch("images");
    const build = new ImageBuild(folder.path);
    const roots = {} as Record<Target, string>;
    const running: Program[] = [];
    const net = 1 + Math.floor(Math.random() * 250);
    const env: Record<string, string> = { ...madeEnv(), RIG_RANGES: `127.77.${net}.1-48` };
    let compose: Compose;
    let httpPort: number;
    let influxd: Influxd;

    /** A path inside an image, where it is on this machine; a volume is a folder that may be written. */
    const inside = (target: Target, word: string) =>
      word.startsWith("/") ? join(roots[target], word) : word;
    const environment = (target: Target): Record<string, string> => {
      const told = { ...environmentOf(build.file, target), ...compose.services[target]!.environment };
      return Object.fromEntries(
        Object.entries(told).map(([key, value]) => [
          key,
          key.endsWith("_DATA_DIR") ? inside(target, value) : value,
        ]),
      );
    };
    const command = (target: Target, op: "CMD" | "HEALTHCHECK") => {
      const entry = op === "CMD" ? lastOf(build.file, target, "ENTRYPOINT")!.words : [];
      const [program, ...args] = [...entry, ...lastOf(build.file, target, op)!.words];
      if (program !== "node") throw new Error(`${target} runs ${program}`);
      return args.map((word) => inside(target, word));
    };
    const options = (target: Target, more: Record<string, string>) => {
      const [uid, gid] = lastOf(build.file, target, "USER")!.text.split(":").map(Number);
      return {
        cwd: join(roots[target], "app"),
        bare: true,
        env: { PATH: process.env.PATH ?? "", ...environment(target), ...more },
        ...(isRoot && { uid: uid!, gid: gid! }),
      };
    };
    const overrides: Record<Target, Record<string, string>> = { server: {}, agent: {}, simulator: {} };
    const start = (target: Target) => {
      const program = startProgram(
        process.execPath,
        command(target, "CMD"),
        options(target, overrides[target]),
      );
      running.push(program);
      return program;
    };
    /** What docker does again and again: the image's HEALTHCHECK beside the running program. */
    const healthy = (target: Target) =>
      until(
        `${target} is healthy`,
        () => {
          const { cwd, env: variables, uid, gid } = options(target, overrides[target]);
          return execFileSync(process.execPath, command(target, "HEALTHCHECK"), {
            cwd,
            env: variables,
            ...(uid !== undefined && { uid, gid: gid! }),
            encoding: "utf8",
            stdio: "pipe",
          });
        },
        60_000,
        500,
      );

    beforeAll(async () => {
      compose = readCompose("docker-compose.yml", env);
      chmodSync(folder.path, 0o755);
      for (const target of TARGETS) roots[target] = await build.stage(target);
      for (const target of TARGETS) {
        const volume = Object.entries(environment(target)).find(([key]) => key.endsWith("_DATA_DIR"))?.[1];
        makeReadOnly(roots[target]);
        if (volume !== undefined) chmodSync(volume, 0o755);
      }
      influxd = await startInfluxd({ auth: true });
      const mqttPort = await freePort();
      httpPort = await freePort();
      overrides.server = {
        HASHWATT_SERVER_HTTP_HOST: "127.0.0.1",
        HASHWATT_SERVER_HTTP_PORT: `${httpPort}`,
        HASHWATT_SERVER_BROKER_URL: `mqtt://127.0.0.1:${mqttPort}`,
        HASHWATT_SERVER_STORE_INFLUX_URL: influxd.url,
        HASHWATT_SERVER_STORE_INFLUX_FLAVOUR: "1",
        HASHWATT_SERVER_STORE_INFLUX_TOKEN: "",
        HASHWATT_SERVER_STORE_INFLUX_USERNAME: influxd.admin!.username,
        HASHWATT_SERVER_STORE_INFLUX_PASSWORD: influxd.admin!.password,
      };
      overrides.agent = { HASHWATT_AGENT_BROKER_URL: `mqtt://127.0.0.1:${mqttPort}` };
      overrides.simulator = { HASHWATT_SIM_BASE: `127.77.${net}.1` };
      const mosquitto = join(folder.path, "mosquitto");
      mkdirSync(mosquitto);
      running.push(
        await startPackagedMosquitto(mosquitto, mqttPort, compose.services.mosquitto!.environment!),
      );
    }, 300_000);
    afterAll(async () => {
      for (const program of running.reverse()) await program.stop();
      await influxd?.[Symbol.asyncDispose]();
      execFileSync("chmod", ["-R", "u+w", folder.path]);
      folder.remove();
    }, 300_000);

    test("are small, hold nothing to compile or to test with, and DuckDB for one processor", () => {
      const modules = readdirSync(join(roots.server, "app/node_modules"));
      for (const absent of ["typescript", "vite", "vitest", "react", "playwright-core"])
        expect(modules).not.toContain(absent);
      const bindings = readdirSync(join(roots.server, "app/node_modules/@duckdb"));
      expect(bindings.sort()).toEqual(["node-api", "node-bindings", `node-bindings-linux-${process.arch}`]);
      expect(readdirSync(join(roots.agent, "app")).sort()).toEqual([
        "LICENSE",
        "NOTICE",
        "README.md",
        "bin",
        "hashwatt-agent.service",
        "package.json",
      ]);
      expect(readdirSync(join(roots.simulator, "app")).sort()).toEqual(["LICENSE", "NOTICE", "simulator"]);
    });

    test("show a demo fleet to whoever knows the password, and each becomes healthy", async () => {
      const server = start("server");
      await server.waitFor('"msg":"listening"', 60_000);
      expect(await healthy("server")).toMatch(/^alive at http:\/\/127\.0\.0\.1:\d+; /);
      const url = `http://127.0.0.1:${httpPort}`;
      const page = await fetch(`${url}/`);
      expect(page.status).toBe(200);
      const html = await page.text();
      const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1];
      expect((await fetch(`${url}${script}`)).headers.get("content-type")).toMatch(/javascript/);
      expect((await fetch(`${url}/api/fleet`)).status).toBe(401);

      start("agent");
      start("simulator");
      expect(await healthy("simulator")).toMatch(/accepts connections/);
      expect(await healthy("agent")).toMatch(/^alive, version /);
      const login = await fetch(`${url}/api/session`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url },
        body: JSON.stringify({ password: env.HASHWATT_PASSWORD }),
      });
      expect(login.status).toBe(200);
      const cookie = login.headers.get("set-cookie")!.split(";")[0]!;
      // One of the 48 is offline, and a scan does not find it.
      await until(
        "the simulated rigs are on the server",
        async () => {
          const answer = await fetch(`${url}/api/fleet`, { headers: { cookie } });
          return ((await answer.json()) as { rig: number[] }).rig.length >= 47;
        },
        90_000,
      );
      const { series = [] } = await influxd.query(
        'SELECT count("status") FROM "rig" GROUP BY "rig"',
        "hashwatt",
      );
      expect(series.length).toBeGreaterThanOrEqual(40);
      await until("the agent's next sign of life tells of its broker and rigs", async () =>
        /rigs: .*\bmining\b.*; broker connected/.test(await healthy("agent")),
      );
    });

    test("end at once and in order when docker says stop", async () => {
      const ends = await Promise.all(running.splice(1).map((program) => program.stop()));
      expect(ends).toEqual([0, 0, 0]);
      expect(() =>
        execFileSync(process.execPath, command("server", "HEALTHCHECK"), {
          ...options("server", overrides.server),
          stdio: "pipe",
        }),
      ).toThrow(/no Hashwatt server answers/);
    });
  },
);
