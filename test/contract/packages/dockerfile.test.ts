import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig as loadAgentConfig } from "@hashwatt/agent/config";
import { loadConfig as loadServerConfig } from "@hashwatt/server/config";
import { readEnvironment, toConfig } from "@hashwatt/simulator/config";
import { describe, expect, test } from "vitest";
import { environmentOf, ignores, lastOf, parseDockerfile, wholeStage } from "../../support/dockerfile.js";
import { root } from "../../support/program.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const json = <T>(path: string) => JSON.parse(read(path)) as T;
const file = parseDockerfile(read("Dockerfile"));
const ignored = ignores(read(".dockerignore"));
const { workspaces, scripts } = json<{ workspaces: string[]; scripts: Record<string, string> }>(
  "package.json",
);
const TARGETS = ["server", "agent", "simulator"] as const;

describe("the Dockerfile", () => {
  test("copies only what is there and what .dockerignore lets through", () => {
    for (const { name, steps } of file.stages)
      for (const step of steps.filter(({ op }) => op === "COPY")) {
        const { from } = step.flags;
        if (from !== undefined) {
          const at = (wanted: string) => file.stages.findIndex((stage) => stage.name === wanted);
          expect(at(from), `${name}: COPY --from=${from}`).toBeGreaterThanOrEqual(0);
          expect(at(from)).toBeLessThan(at(name));
          continue;
        }
        for (const source of step.words.slice(0, -1)) {
          expect(existsSync(join(root, source)), `${name}: COPY ${source}`).toBe(true);
          expect(ignored(source), `${source} is kept away by .dockerignore`).toBe(false);
        }
      }
  });

  test("sends neither secrets nor data nor what was built here to the builder", () => {
    for (const path of [
      ".env",
      ".git/config",
      "data/server/hashwatt.duckdb",
      "docker-compose.yml",
      "node_modules/x/index.js",
      "server/node_modules/x/index.js",
      "server/dist/main.js",
      "server/program/main.js",
      "server/src/server.test.ts",
      "test/e2e/images.test.ts",
    ])
      expect(ignored(path), path).toBe(true);
    for (const path of ["server/src/main.ts", "server/data/network-snapshot.json", "dashboard/index.html"])
      expect(ignored(path), path).toBe(false);
  });

  test("runs only scripts and workspaces that exist, and knows the manifest of each workspace", () => {
    const runs = file.stages.flatMap(({ steps }) => steps.filter(({ op }) => op === "RUN"));
    for (const { text } of runs) {
      for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([script!]);
      for (const [, workspace] of text.matchAll(/--workspace=(\w+)/g))
        expect(workspaces).toContain(workspace);
    }
    const copied = wholeStage(file, "manifests").steps.flatMap(({ op, words }) =>
      op === "COPY" ? words : [],
    );
    for (const workspace of workspaces) expect(copied).toContain(`${workspace}/package.json`);
  });

  test("runs nothing in an image that goes out, and builds on the builder's own processor", () => {
    for (const { name, steps, platform, from } of file.stages)
      if (steps.some(({ op }) => op === "RUN") && !file.stages.some((stage) => stage.name === from))
        expect(platform, name).toBe("$BUILDPLATFORM");
    for (const target of TARGETS)
      expect(wholeStage(file, target).steps.filter(({ op }) => op === "RUN")).toEqual([]);
  });

  test("compiles nothing: no package has an install script, and DuckDB is prebuilt for both processors", () => {
    const { packages } = json<{ packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }> }>(
      "package-lock.json",
    );
    const scripted = Object.entries(packages).filter(
      ([, { hasInstallScript, dev }]) => hasInstallScript && !dev,
    );
    expect(scripted).toEqual([]);
    for (const processor of ["x64", "arm64"])
      expect(packages).toHaveProperty([`node_modules/@duckdb/node-bindings-linux-${processor}`]);
    const install = file.stages.find(({ name }) => name === "server-modules")!.steps.at(-1)!.text;
    // Docker's names of processors, in npm's words.
    const cpu = /node -p '([^']+)'/.exec(install)![1]!;
    const npmName = (TARGETARCH: string) =>
      Function("process", `return ${cpu}`)({ env: { TARGETARCH }, arch: "own" }) as string;
    expect(["amd64", "arm64", ""].map(npmName)).toEqual(["x64", "arm64", "own"]);
  });

  test.each(TARGETS)(
    "makes a %s that is not root, tells its health and is started without a shell",
    (target) => {
      expect(wholeStage(file, target).image).toMatch(/^node:\d+-bookworm-slim$/);
      expect(lastOf(file, target, "USER")!.text).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      const [entry, command, health] = ["ENTRYPOINT", "CMD", "HEALTHCHECK"].map(
        (op) => lastOf(file, target, op)!,
      );
      for (const step of [entry, command, health]) expect(step!.exec).toBe(true);
      expect(command!.words[0]).toBe("run");
      // The same program and config, asked for its health; flags of V8 do not matter to it.
      const program = entry!.words.filter((word) => !word.startsWith("--"));
      expect(health!.words).toEqual([...program, "health", ...command!.words.slice(1)]);
    },
  );

  test("gives every program an environment and a config file that it takes", () => {
    const server = loadServerConfig(join(root, "packaging/docker/server.yaml"), {
      ...environmentOf(file, "server"),
      HASHWATT_SERVER_HTTP_PASSWORD: "correct horse",
    });
    expect(server.http).toMatchObject({
      host: "0.0.0.0",
      port: Number(lastOf(file, "server", "EXPOSE")!.text),
    });
    const agent = loadAgentConfig(join(root, "packaging/docker/agent.yaml"), environmentOf(file, "agent"));
    const { part, configFile } = readEnvironment(environmentOf(file, "simulator"));
    expect(configFile).toBeUndefined();
    expect(toConfig(part).layout).toBe("auto");
    // Each keeps its data in a folder that belongs to its user.
    for (const [target, dataDir] of [
      ["server", server.store.dataDir],
      ["agent", agent.dataDir],
    ] as const) {
      const made = wholeStage(file, target).steps.find(
        ({ op, words }) => op === "COPY" && words.at(-1) === dataDir,
      );
      expect(made?.flags.chown).toBe(lastOf(file, target, "USER")!.text);
    }
  });

  test("refuses to let others in before there is a password", () => {
    expect(() => loadServerConfig(undefined, environmentOf(file, "server"))).toThrow(
      /HASHWATT_SERVER_HTTP_HOST.*HASHWATT_SERVER_HTTP_PASSWORD/,
    );
  });
});
