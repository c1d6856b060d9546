import { SCENARIOS } from "@hashwatt/simulator/scenarios/registry";
import { describe, expect, test } from "vitest";
import { moved, readGolden } from "../golden/golden.js";
import { runScenario, runSpeakers } from "../golden/runs.js";

const golden = readGolden();
const RENEW = "if that was meant, `npm run golden -- --write` writes it down";

const expectHeld = (was: unknown, is: unknown) => expect(moved(was, is).join("\n"), RENEW).toBe("");

test("every firmware answers every question with the bytes that were written down", () => {
  expectHeld(golden.speakers, runSpeakers());
});

describe("the same seed, scenario and duration give the same replies, samples, rollups, alerts and money", () => {
  test.each(SCENARIOS.map(({ name }) => name))("%s", async (name) => {
    const { telemetry, judged } = await runScenario(name);
    expectHeld(golden.telemetry[name], telemetry);
    expectHeld(golden.judged[name], judged);
  });

  test("a second time in one process too, whatever ran in between", async () => {
    const { telemetry, judged } = await runScenario("fan-failure");
    expectHeld(golden.telemetry["fan-failure"], telemetry);
    expectHeld(golden.judged["fan-failure"], judged);
  });
});
