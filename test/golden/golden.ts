import { readFileSync, writeFileSync } from "node:fs";
import { SCENARIOS } from "@hashwatt/simulator/scenarios/registry";
import { type Figures, runScenario, runSpeakers } from "./runs.js";

/** Sections of what was written down; each is a file, and can be renewed by itself. */
export const SECTIONS = ["speakers", "telemetry", "judged"] as const;
export type Section = (typeof SECTIONS)[number];
export type Golden = Record<Section, Figures>;

const fileOf = (section: Section): URL => new URL(`${section}.json`, import.meta.url);

/** What was written down. Throws when a file is missing. */
export const readGolden = (): Golden =>
  Object.fromEntries(
    SECTIONS.map((section) => [section, JSON.parse(readFileSync(fileOf(section), "utf8")) as Figures]),
  ) as Golden;

export function writeGolden(golden: Golden, sections: readonly Section[]): void {
  for (const section of sections)
    writeFileSync(fileOf(section), `${JSON.stringify(golden[section], undefined, 2)}\n`);
}

/** All that is written down, made anew. */
export async function runAll(): Promise<Golden> {
  const golden: Golden = { speakers: runSpeakers(), telemetry: {}, judged: {} };
  for (const { name } of SCENARIOS) {
    const { telemetry, judged } = await runScenario(name);
    golden.telemetry[name] = telemetry;
    golden.judged[name] = judged;
  }
  return golden;
}

/** Each figure that is not what was written down, one a line: `heze-summer.rollups.kwh: 42.1 → 42.3`. */
export function moved(was: unknown, is: unknown, path = ""): string[] {
  if (typeof was !== "object" || typeof is !== "object" || was === null || is === null)
    return was === is ? [] : [`${path}: ${was ?? "nothing"} → ${is ?? "nothing"}`];
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...keys].flatMap((key) =>
    moved((was as Figures)[key], (is as Figures)[key], path === "" ? key : `${path}.${key}`),
  );
}
