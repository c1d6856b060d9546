import { type Evidence, evidenceSchema, type Sample, sampleSchema } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { makeEvidencePlain, makeSamplePlain } from "./plainTexts.js";

/** Half of a letter, an escape and a mark that turns the direction of writing. */
const NASTY = "a\udabc\u001b[2J\u202eb";
const PLAIN = "a\ufffd [2Jb";

/** Every text of an object, with its path. */
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe("what an agent tells of a rig is nothing but text", () => {
  test("in every place of a reading that holds text", () => {
    const sample: Sample = {
      rig: "r",
      atMs: 1,
      intervalMs: 5_000,
      status: "mining",
      algo: NASTY,
      powerMode: NASTY,
      pool: NASTY,
      faults: [{ code: NASTY, text: NASTY, cause: NASTY, fix: NASTY }],
    };
    makeSamplePlain(sample);
    const nasty = texts(sample).filter(([path]) => ![".rig", ".status"].includes(path));
    expect(nasty).toHaveLength(7);
    for (const [path, text] of nasty) expect(text, path).toBe(PLAIN);
    expect(sampleSchema.safeParse(sample).success).toBe(true);
  });

  test("in every place of a description that holds text", () => {
    const evidence: Evidence = {
      address: NASTY,
      serial: NASTY,
      hostname: NASTY,
      make: NASTY,
      model: NASTY,
      firmware: NASTY,
      apiVersion: NASTY,
      dialect: NASTY,
      algo: NASTY,
      notes: [{ code: NASTY, text: NASTY }],
      boardSerials: [{ slot: 0, serial: NASTY }],
      pools: [{ url: NASTY, user: NASTY, status: NASTY }],
    };
    makeEvidencePlain(evidence);
    expect(texts(evidence)).toHaveLength(15);
    for (const [path, text] of texts(evidence)) expect(text, path).toBe(PLAIN);
    expect(evidenceSchema.safeParse(evidence).success).toBe(true);
  });
});
