import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig as loadAgentConfig } from "@hashwatt/agent/config";
import { loadConfig as loadServerConfig } from "@hashwatt/server/config";
import { describe, expect, test } from "vitest";
import { root } from "../../support/program.js";
import { programs } from "../../support/programs.js";
import { scratch } from "../../support/stack.js";

const UNITS = ["hashwatt-server.service", "hashwatt-agent.service"] as const;
type Unit = (typeof UNITS)[number];
const read = (unit: Unit) => readFileSync(join(root, "packaging/systemd", unit), "utf8");

/** The settings of a unit: each name with its values, in order. */
function settings(unit: Unit): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of read(unit).split("\n")) {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}
const one = (unit: Unit, name: string) => settings(unit).get(name)?.at(-1);
/** `Environment=` as the manager hands it on; `%S` is where state lies. */
const environment = (unit: Unit) =>
  Object.fromEntries(
    settings(unit)
      .get("Environment")!
      .flatMap((value) => value.replaceAll("%S", "/var/lib").split(" "))
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );

describe.each(UNITS)("%s", (unit) => {
  test("is started anew whatever ended it, and bounded", () => {
    expect(one(unit, "Restart")).toBe("always");
    expect(one(unit, "StartLimitIntervalSec")).toBe("0");
    expect(Number(one(unit, "RestartSec"))).toBeGreaterThan(0);
    expect(one(unit, "MemoryMax")).toMatch(/^\d+[MG]$/);
    expect(Number(one(unit, "TasksMax"))).toBeGreaterThan(0);
    expect(one(unit, "WantedBy")).toBe("multi-user.target");
  });

  test("may do little", () => {
    expect(one(unit, "DynamicUser")).toBe("yes");
    expect(one(unit, "ProtectSystem")).toBe("strict");
    expect(one(unit, "CapabilityBoundingSet")).toBe("");
    expect(one(unit, "UMask")).toBe("0077");
    for (const name of ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictSUIDSGID"])
      expect(one(unit, name), name).toBe("yes");
    expect(one(unit, "RestrictAddressFamilies")!.split(" ")).not.toContain("AF_PACKET");
    expect(settings(unit).get("SystemCallFilter")).toEqual(["@system-service @pkey", "~@privileged"]);
    // Secrets come from a file that need not be there.
    expect(one(unit, "EnvironmentFile")).toMatch(/^-\/etc\/hashwatt\/\w+\.env$/);
  });

  test("is one that systemd takes, and of little exposure", (context) => {
    if (!programs.systemdAnalyze) return context.skip("systemd-analyze is not installed");
    const folder = scratch("units");
    try {
      const path = join(folder.path, unit);
      // Node may lie elsewhere on the machine that tests.
      writeFileSync(path, read(unit).replace("ExecStart=/usr/bin/node", `ExecStart=${process.execPath}`));
      const analyze = (...args: string[]) =>
        execFileSync(programs.systemdAnalyze!, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      // It says nothing of a unit that is sound, and exits with 1 on one that is not.
      expect(analyze("verify", "--man=no", path)).toBe("");
      // 10 is a service that may do everything, and 5 the limit of "medium"; in tenths here.
      expect(analyze("security", "--offline=true", "--no-pager", "--threshold=20", path)).toMatch(
        /Overall exposure level.*: [01]\.\d/,
      );
    } finally {
      folder.remove();
    }
    return undefined;
  });
});

test("the units start what the documentation installs, with a config and state folder that the programs take", () => {
  const docs = readFileSync(join(root, "docs/operations.md"), "utf8");
  const [server, agent] = UNITS;
  for (const unit of UNITS) {
    const [node, ...args] = one(unit, "ExecStart")!.split(" ");
    expect(node).toBe("/usr/bin/node");
    const program = args.find((arg) => !arg.startsWith("--"))!;
    expect(args.slice(args.indexOf(program) + 1)).toEqual([
      "run",
      "--config",
      `/etc/hashwatt/${unit === server ? "server" : "agent"}.yaml`,
    ]);
    // /opt/hashwatt/server/program/main.js is this repository's; the agent's is what npm links for its package.
    const [, , folder] = program.split("/");
    expect(docs).toContain(`/opt/${folder}`);
  }
  const stateDir = (unit: Unit) => `/var/lib/${one(unit, "StateDirectory")}`;
  expect(loadServerConfig(undefined, environment(server)).store.dataDir).toBe(stateDir(server));
  expect(loadAgentConfig(undefined, environment(agent)).dataDir).toBe(stateDir(agent));
});
