import { ACTIONS } from "./actions/registry.js";
import { allowed, durationText, type Parameter, type Parameters } from "./parameters.js";
import { SCENARIOS } from "./scenarios/registry.js";

function defaultText({ kind, default: usual }: Parameter): string {
  if (usual === undefined) return "";
  return ` [${kind === "duration" ? durationText(usual as number) : usual}]`;
}

function lines(name: string, says: string, parameters: Parameters): string[] {
  return [
    name,
    `    ${says}`,
    ...Object.entries(parameters).map(
      ([key, parameter]) =>
        `      ${key.padEnd(14)} ${parameter.says}: ${allowed(parameter)}${defaultText(parameter)}`,
    ),
  ];
}

/** All scenarios with their parameters, and how they are asked for. */
export function scenariosText(): string {
  return [
    ...SCENARIOS.flatMap(({ name, says, parameters }) => lines(name, says, parameters)),
    "",
    "simulator run --scenario heze-summer,fan-failure --set fan-failure.rigs=rack-2/3 --set fan-failure.at=5m",
    "What stands in brackets holds when nothing is set. A path that ends in .yaml is a timeline (docs/simulator.md).",
  ].join("\n");
}

/** All actions with their parameters. */
export function actionsText(): string {
  return [
    ...Object.values(ACTIONS).flatMap(({ name, says, parameters }) => lines(name, says, parameters)),
    "",
    "simulator do fan-stop rigs=rack-1/3 for=20m fan=2",
  ].join("\n");
}
