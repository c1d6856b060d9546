import { expect, test } from "vitest";
import { parseCommandLine } from "./commandLine.js";
import { readEnvironment, toConfig } from "./config.js";
import { SimulatorError } from "./errors.js";

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SimulatorError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

test("an empty config has all defaults", () => {
  expect(toConfig({})).toEqual({
    rigs: 48,
    seed: "1",
    port: 4028,
    base: "127.10.0.1",
    speed: 1,
    incidents: true,
    layout: "auto",
  });
});

test("flags go before the environment, and that before the file", () => {
  const { part } = readEnvironment({ HASHWATT_SIM_RIGS: "20", HASHWATT_SIM_SEED: "env", PATH: "/bin" });
  const line = parseCommandLine(["run", "--rigs", "30", "--no-incidents"]);
  expect(toConfig({ rigs: 10, speed: 5, seed: 9 }, part, line.part)).toMatchObject({
    rigs: 30,
    seed: "env",
    speed: 5,
    incidents: false,
  });
});

test.each([
  [() => toConfig({ rgis: 3 }), 'bad-config: "rgis" is not a setting: did you mean "rigs"?'],
  [
    () => toConfig({ incidents: { sleepy: 1 } }),
    'bad-config: "incidents.sleepy" is not an incident: did you mean "sleeping"?',
  ],
  [
    () => toConfig({ base: "10.0.0.1" }),
    "bad-config: base: must be a loopback address like 127.10.0.1 (given: 10.0.0.1)",
  ],
  [
    () => readEnvironment({ HASHWATT_SIM_PROT: "1" }),
    "bad-config: HASHWATT_SIM_PROT is not a setting of the simulator: did you mean HASHWATT_SIM_PORT?",
  ],
  [
    () => parseCommandLine(["run", "--rgis", "3"]),
    "bad-option: unknown option --rgis: did you mean --rigs? (--help lists all options)",
  ],
  [() => parseCommandLine(["run", "--rigs"]), "bad-option: --rigs needs a value (--help lists all options)"],
  [
    () => parseCommandLine(["rnu"]),
    'bad-option: unknown command "rnu": did you mean "run"? (--help lists all options)',
  ],
  [
    () => parseCommandLine([]),
    'bad-option: say what to do: "run", "list" or "health" (--help lists all options)',
  ],
])("a mistake is named in one line with what was meant (%#)", (action, expected) => {
  expect(complaint(action)).toBe(expected);
});

test("a value of the wrong kind is refused with its key", () => {
  expect(complaint(() => toConfig(parseCommandLine(["run", "--rigs", "many"]).part))).toMatch(
    /^bad-config: rigs: .*given: many/,
  );
  expect(complaint(() => toConfig({ port: 70_000 }))).toMatch(/^bad-config: port: /);
});

test("help and version are asked for anywhere on the line", () => {
  for (const args of [["--version"], ["run", "--rigs", "3", "--version"], ["version"]])
    expect(parseCommandLine(args).command).toBe("version");
  expect(parseCommandLine(["run", "--help"]).command).toBe("help");
});

test("incident counts by name are accepted", () => {
  expect(toConfig({ incidents: { offline: 2 } }).incidents).toEqual({ offline: 2 });
});

test("a scenario brings its own incidents, and its parameters are set by name", () => {
  const line = parseCommandLine([
    "run",
    "--scenario",
    "heat-wave",
    "--set",
    "heat-wave.by=8",
    "--set",
    "heat-wave.at=5m",
  ]);
  expect(toConfig(line.part)).toMatchObject({
    scenario: "heat-wave",
    set: { "heat-wave.by": "8", "heat-wave.at": "5m" },
    incidents: false,
  });
  expect(
    toConfig({ scenario: ["heat-wave", { "fan-failure": { fan: 2 } }], incidents: true }).incidents,
  ).toBe(true);
  expect(toConfig(parseCommandLine(["run", "--control-port", "off"]).part).controlPort).toBe(false);
  expect(complaint(() => toConfig({ start: "yesterday" }))).toBe(
    "bad-config: start: must be a date like 2026-07-20T12:00:00Z (given: yesterday)",
  );
});

test("a value of --set may have blanks; in the environment pairs stand after blanks or semicolons", () => {
  const rigs = "model: Antminer S21*, 10%";
  expect(
    parseCommandLine(["run", "--set", `fan-failure.rigs=${rigs}`, "--set", "heat-wave.by=8"]).part,
  ).toEqual({ set: { "fan-failure.rigs": rigs, "heat-wave.by": "8" } });
  for (const text of [
    `fan-failure.rigs=${rigs} heat-wave.by=8`,
    `fan-failure.rigs=${rigs}; heat-wave.by=8;`,
    `  heat-wave.by=8\n fan-failure.rigs=${rigs}\n`,
  ])
    expect(readEnvironment({ HASHWATT_SIM_SET: text }).part).toEqual({
      set: { "fan-failure.rigs": rigs, "heat-wave.by": "8" },
    });
});

test("the time of agent and server is given as one pair, and a broken one is refused by what is wrong with it", () => {
  const { part } = parseCommandLine(["run", "--clock", "1795719421100,60"]);
  expect(toConfig(part).clock).toEqual({ originMs: 1_795_719_421_100, speed: 60 });
  expect(complaint(() => toConfig(parseCommandLine(["run", "--clock", "60"]).part))).toMatch(
    /^bad-config: clock\.speed: /,
  );
});

test("what is done to a running fleet is said in words of its own", () => {
  const line = parseCommandLine(["do", "fan-stop", "rigs=rack-1/3", "for=20m", "--base", "127.9.0.1"]);
  expect(line).toMatchObject({
    command: "do",
    words: ["fan-stop", "rigs=rack-1/3", "for=20m"],
    part: { base: "127.9.0.1" },
  });
  expect(parseCommandLine(["run", "--list"]).command).toBe("scenarios");
});

test("help wins over everything that follows", () => {
  expect(parseCommandLine(["--help", "--nonsense"]).command).toBe("help");
});
