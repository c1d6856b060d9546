import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOOK, type Seen } from "@hashwatt/agent/dialects/dialect";
import { dialects } from "@hashwatt/agent/dialects/registry";
import { parseBody, parseReply, type Reply } from "@hashwatt/agent/replies/reply";
import { type Capture, captureJsonSchema, readCaptures } from "@hashwatt/simulator/captures/captureFile";
import { describe, expect, test } from "vitest";
import { grade } from "../conformance/grade.js";
import { readAll } from "../conformance/readCaptures.js";
import { report, scoreOf } from "../conformance/report.js";
import { supportedRigs } from "../conformance/supportedRigs.js";
import { root } from "../support/program.js";

const CORPUS = process.env.HASHWATT_CORPUS;

test("the schema of captures in docs is the one that the simulator reads by", () => {
  const text = readFileSync(join(root, "docs/capture.schema.json"), "utf8");
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(captureJsonSchema())));
});

describe("a comparison with what a capture vouches for", () => {
  const expected = {
    hashrate_ths: 110.5,
    power_w: 3250,
    boards: [
      { slot: 1, chip_temp_c: 70, chips: 114 },
      { slot: 2, chip_temp_c: 71, chips: 114 },
    ],
    errors: [{ code: 110 }],
  };
  const boards = [
    { slot: 0, chipTempC: 70.9, chips: 114 },
    { slot: 1, chipTempC: 71, chips: 114 },
  ];
  const good = { hashrateThs: 110.6, powerW: 3250, boards, faults: [{ code: "110" }] };
  const marked = (printed: object, vouched: object = { expected }) =>
    Object.fromEntries(
      grade(vouched, printed)
        .filter(({ mark }) => mark !== "right")
        .map(({ field, mark }) => [field, mark]),
    );

  test("finds nothing wrong in what is right, with other slot numbers and within the tolerances", () => {
    expect(marked(good)).toEqual({});
    expect(scoreOf(grade({ expected }, good))).toEqual({ asserted: 7, right: 7, missing: 0, wrong: 0 });
  });

  test("tells wrong from missing, and a unit that is off", () => {
    expect(marked({ ...good, powerW: 3300 })).toEqual({ power_w: "wrong" });
    expect(marked({ ...good, powerW: undefined })).toEqual({ power_w: "missing" });
    expect(marked({ ...good, hashrateThs: 110_500 })).toEqual({ hashrate_ths: "unit" });
    expect(marked({ ...good, faults: [{ code: "111" }] })).toEqual({ "errors[0].code": "wrong" });
    expect(marked({ ...good, boards: [boards[0], { ...boards[1], chipTempC: 73 }] })).toEqual({
      "boards[1].chip_temp_c": "wrong",
    });
  });

  test("a hashrate of another window is right, and of two that disagree either", () => {
    const derived = { hashrate_candidates_ths: { "stats.rate_30m": 120 } };
    expect(marked({ ...good, hashrateThs: 120 }, { expected, derived })).toEqual({});
    const disputed = { power_w: { asserted: 2245, alternative: 146 } };
    expect(marked({ powerW: 146 }, { disputed })).toEqual({});
    expect(marked({ powerW: 2245 }, { disputed })).toEqual({});
    expect(marked({ powerW: 800 }, { disputed })).toEqual({ "power_w (disputed)": "wrong" });
    expect(marked({}, { disputed })).toEqual({});
  });

  test("of a capture that somebody made up only the shape counts", () => {
    const source = { fidelity: "synthetic (round values)" };
    expect(
      grade({ source, expected: { fw_ver: "1.0.0", board_count_min: 1 } }, { firmware: "2", boards: [] }),
    ).toEqual([{ field: "board_count_min", mark: "wrong", want: 1, got: 0 }]);
  });

  test("a field that nobody has thought of is no silent pass", () => {
    expect(() => grade({ expected: { phase_of_moon: 1 } }, {})).toThrow(/phase_of_moon is asserted/);
  });
});

test("a folder of captures is served, read by the agent and reported, with what is wrong named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-captures-"));
  const fixture = JSON.parse(readFileSync(join(root, "agent/src/fixtures/antminer-s19pro.json"), "utf8"));
  const responses = Object.fromEntries(
    Object.entries(fixture as Record<string, unknown>).filter(([, reply]) => typeof reply !== "function"),
  );
  try {
    const capture = { id: "one", transport: "cgminer-tcp", responses, expected: { board_count: 7 } };
    writeFileSync(join(folder, "one.json"), JSON.stringify(capture));
    const results = await readAll(folder, "127.80.0.1");
    expect(report(results)).toMatch(/one +bitmain-stock +0\/1.*WRONG: board_count: 3 for 7.*1 wrong$/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// The captures of real rigs stay outside the project; scripts/test.mjs says so when they are not there.
if (CORPUS !== undefined && existsSync(CORPUS)) {
  test("no captured rig is read wrong, and the page of supported rigs says what is read", async () => {
    const results = await readAll(CORPUS, "127.79.0.1");
    const wrong = results.flatMap(({ id, marks }) =>
      marks
        .filter(({ mark }) => mark === "wrong" || mark === "unit")
        .map(({ field, want, got }) => `${id}: ${field}: ${JSON.stringify(got)} for ${JSON.stringify(want)}`),
    );
    expect(wrong).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
    expect(
      supportedRigs(results),
      "out of date: npm run test:conformance -- DIR --table docs/supported-rigs.md",
    ).toBe(readFileSync(join(root, "docs/supported-rigs.md"), "utf8"));
  });

  test.each(readCaptures(CORPUS).map((capture) => [capture.id, capture] as const))(
    "%s is claimed by one dialect and no other, whatever else it says",
    (_, capture) => {
      const seen = allThatItSays(capture);
      const claimed = dialects.filter((dialect) => dialect.claims(seen).kind === "mine").map(({ id }) => id);
      expect(claimed.length, claimed.join(" and ")).toBeLessThanOrEqual(1);
    },
  );
}

/** A rig as a dialect would see it that had asked everything. */
function allThatItSays(capture: Capture): Seen {
  const by: Record<string, Reply> = {};
  const asked = new Set<string>([LOOK]);
  let text = "";
  const take = (name: string, reply: unknown, read: (text: string) => Reply) => {
    const raw = typeof reply === "string" ? reply : JSON.stringify(reply);
    asked.add(name);
    text += `${raw.toLowerCase()}\n`;
    by[name] = read(raw);
  };
  const isFramed = capture.transport === "whatsminer-v3-tcp";
  for (const name of ["version", "summary", "stats", "devs", "devdetails", "status"]) asked.add(name);
  for (const [name, reply] of Object.entries(capture.responses))
    if (!name.startsWith("@"))
      take(name, reply, (raw) => (isFramed ? parseBody(raw, false) : parseReply(raw, true)));
  let page = "";
  for (const [name, reply] of Object.entries(capture.http?.routes ?? {})) {
    if (name === "GET /") page = String(reply);
    else take(name, reply, (raw) => parseBody(raw, false));
  }
  for (const [name, reply] of Object.entries(capture.http?.graphql?.responses ?? {}))
    take(name, reply, (raw) => parseBody(raw, false));
  const realm = capture.http?.auth?.realm?.toLowerCase();
  return {
    by,
    asked,
    text,
    ...(capture.http && {
      page: {
        port: 80,
        status: realm === undefined ? (page ? 200 : 404) : 401,
        realm,
        server: undefined,
        location: undefined,
        text: page.toLowerCase(),
      },
      httpOnApi: capture.http.port === 4028,
    }),
  };
}
