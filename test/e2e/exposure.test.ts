import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { type Program, root, startOurs, startProgram } from "../support/program.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

/**
 * An address that only this machine reaches and that is not written as one: to the programs it is as any other, and wants
 * logins, while nothing of the tests can be reached from elsewhere.
 */
const BEYOND = "::ffff:127.0.0.1";
const PASSWORD = "correct horse battery";
const TOKEN = "0123456789abcdef-exposure";

const started: Program[] = [];
const folders: { remove(): void }[] = [];
let fleet: Fleet | undefined;
afterEach(async () => {
  for (const program of started.splice(0).reverse()) await program.stop();
  await fleet?.close();
  fleet = undefined;
  for (const folder of folders.splice(0)) folder.remove();
});

function folder(): string {
  const made = scratch("exposure");
  folders.push(made);
  return made.path;
}
function config(at: string, name: string, value: object): string {
  const path = join(at, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}
function start(name: "agent" | "server", path: string, env: Record<string, string> = {}): Program {
  const program = startOurs(name, ["run", "--config", path], { env });
  started.push(program);
  return program;
}
const ours = (name: "agent" | "server") => `${root}${name}/program/main.js`;

describe("a server that others can reach", () => {
  test.each([
    [{ http: { host: "0.0.0.0" } }, "http.host: 0.0.0.0 lets other machines in, so a login comes first: set"],
    [
      { broker: { embedded: { host: "0.0.0.0" } } },
      "broker.embedded.host: 0.0.0.0 lets other machines in, so agents need passwords first",
    ],
  ])("does not start without a login: %j", async (value, said) => {
    const at = folder();
    const program = start("server", config(at, "server.yaml", { store: { dataDir: at }, ...value }));
    expect(await program.exit).toBe(1);
    expect(program.lines).toHaveLength(1);
    expect(program.lines[0]).toContain(said);
  });

  test("takes in its agents by their passwords, asks everybody else who they are, and prints no secret", async () => {
    const at = folder();
    const [port, mqttPort] = [await freePort(), await freePort()];
    fleet = await startFleet({
      rigs: 3,
      seed: 8,
      port: await freePort(),
      base: "127.44.0.1",
      incidents: false,
    });
    const hash = execFileSync(process.execPath, [ours("server"), "hash-password"], {
      input: `${PASSWORD}\n`,
      encoding: "utf8",
    }).trim();
    const path = config(at, "server.yaml", {
      http: { host: BEYOND, port },
      broker: {
        embedded: {
          host: BEYOND,
          port: mqttPort,
          users: [
            { name: "test/a1", password: "secret of a1" },
            { name: "test/a2", password: "secret of a2" },
          ],
        },
      },
      store: { kind: "duckdb", dataDir: join(at, "server") },
    });
    const env = { HASHWATT_SERVER_HTTP_PASSWORD: hash, HASHWATT_SERVER_HTTP_TOKENS: TOKEN };
    const server = start("server", path, env);
    await server.waitFor('"msg":"listening"');
    expect(server.lines.filter((line) => line.includes("is not encrypted"))).toHaveLength(2);

    const agent = (agent: string, password: string, name = `test/${agent}`) =>
      start(
        "agent",
        config(at, `${agent}-${password.length}.yaml`, {
          site: "test",
          agent,
          broker: { url: `mqtt://127.0.0.1:${mqttPort}`, username: name, password },
          dataDir: join(at, `${agent}-${password.length}`),
          intervalMs: 1_000,
          rigs: fleet!.addresses.map((rig) => ({ address: `${rig.address}:${rig.port}` })),
        }),
      );
    agent("a1", "secret of a1");
    const wrong = agent("a2", "secret of the other");
    const other = agent("a3", "secret of a2", "test/a2");
    for (const refused of [wrong, other]) await refused.waitFor("the broker refuses user");

    const url = `http://127.0.0.1:${port}`;
    const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    const agents = await until("the three rigs report", async () => {
      const totals = (await (await ask("/api/totals", bearer)).json()) as {
        fleet: { reporting: number };
        agents: { agent: string }[];
      };
      return totals.fleet.reporting === 3 ? totals.agents.map((entry) => entry.agent) : undefined;
    });
    expect(agents).toEqual(["a1"]);
    expect((await ask("/api/totals")).status).toBe(401);
    expect(await (await ask("/api/health")).json()).toEqual({ ok: true });

    const login = await fetch(`${url}/api/session`, {
      method: "POST",
      headers: { origin: url, "content-type": "application/json" },
      body: JSON.stringify({ password: PASSWORD }),
    });
    const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await ask("/api/totals", { cookie })).status).toBe(200);

    // Who may read the data folder is let in by that, even without the password.
    const local = (...args: string[]) =>
      spawnSync(process.execPath, [ours("server"), ...args, "--config", path], {
        encoding: "utf8",
        env: { ...process.env, HASHWATT_SERVER_HTTP_PASSWORD: hash },
      });
    expect(local("health").stdout).toContain("all parts work");
    expect(local("doctor").stdout).toMatch(/ok +http: Hashwatt .* runs at /);

    const printed = started.flatMap((program) => program.lines).join("\n");
    expect(printed).not.toMatch(/secret of|correct horse|0123456789abcdef|scrypt:/);
  });
});

describe("npm start", () => {
  const npmStart = (args: string[], env: Record<string, string> = {}): Program => {
    const program = startProgram(process.execPath, [join(root, "scripts/start.mjs"), ...args], { env });
    started.push(program);
    return program;
  };

  test("says what is missing before other machines may reach it, in one line", async () => {
    const empty = join(folder(), "password");
    writeFileSync(empty, "\n");
    for (const [args, env, said] of [
      [
        ["--host", "0.0.0.0"],
        {},
        "--host 0.0.0.0 lets other machines in, so a password comes first: set HASHWATT_HTTP_PASSWORD",
      ],
      [
        ["--host", "0.0.0.0"],
        { HASHWATT_HTTP_PASSWORD: "short" },
        "HASHWATT_HTTP_PASSWORD: must have at least 8 characters",
      ],
      [["--host", "0.0.0.0", "--password-file", empty], {}, "its first line is empty"],
      [["--host", "192.0.2.77"], { HASHWATT_HTTP_PASSWORD: PASSWORD }, "this machine has no such address"],
      [["--tls-cert", join(root, "LICENSE")], {}, "--tls-cert and --tls-key belong together; give both"],
      [["--tls-cert", "none.crt"], {}, "--tls-cert none.crt: cannot read it (ENOENT)"],
      [["--hots", "0.0.0.0"], {}, "no option --hots; did you mean --host?"],
    ] as const) {
      const program = npmStart(["--data", folder(), ...args], env);
      expect(await program.exit, args.join(" ")).toBe(1);
      expect(program.lines, args.join(" ")).toHaveLength(1);
      expect(program.lines[0]).toContain(said);
    }
  });

  test("lets others in once it has a password, and asks for it", async () => {
    const port = await freePort();
    const at = ["--port", `${port}`, "--mqtt-port", `${await freePort()}`];
    const data = folder();
    const program = npmStart([...at, "--data", data, "--host", BEYOND, "--rigs", "2"], {
      HASHWATT_HTTP_PASSWORD: PASSWORD,
    });
    await program.waitFor(`Hashwatt is at http://[${BEYOND}]:${port}`, 60_000);
    const url = `http://127.0.0.1:${port}`;
    expect((await fetch(`${url}/api/fleet`)).status).toBe(401);
    const login = await fetch(`${url}/api/session`, {
      method: "POST",
      headers: { origin: url, "content-type": "application/json" },
      body: JSON.stringify({ password: PASSWORD }),
    });
    expect(login.status).toBe(200);
    const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
    await until("the rigs report", async () => {
      const answer = await fetch(`${url}/api/totals`, { headers: { cookie } });
      return ((await answer.json()) as { fleet: { reporting: number } }).fleet.reporting >= 1;
    });
    expect(program.lines.join("\n")).not.toContain(PASSWORD);
    // Nowhere in the files that it has written.
    expect(spawnSync("grep", ["-rl", "correct horse", data], { encoding: "utf8" })).toMatchObject({
      status: 1,
      stdout: "",
    });
  }, 120_000);
});
