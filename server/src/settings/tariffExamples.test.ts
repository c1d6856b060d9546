import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { keptSettings } from "../fixtures/keptSettings.js";
import { importSettings } from "./settingsYaml.js";

const page = readFileSync(new URL("../../../docs/tariffs.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);

describe("the examples of docs/tariffs.md", () => {
  test("are of every kind of energy and demand", () => {
    expect(examples.length).toBeGreaterThan(7);
    for (const kind of [
      "flat",
      "timeOfUse",
      "tiered",
      "capped",
      "series",
      "maximum",
      "contracted",
      "coincident",
    ])
      expect(examples.join()).toContain(`kind: ${kind}`);
  });

  test.each(examples.map((text) => [/name: (.*)/.exec(text)![1]!, text]))(
    "%s is taken",
    async (_name, text) => {
      const { settings, siteSettings } = await keptSettings({ nowMs: () => Date.UTC(2026, 7, 1) });
      const { errors, changes } = await importSettings(text, settings, siteSettings, { dryRun: true });
      expect(errors).toEqual([]);
      expect(changes).toMatchObject([{ kind: "tariff", change: "added" }]);
    },
  );
});
