import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AgentError } from "./agentError.js";
import { A12, avalonScript, HOME, home, mm, stats, VERSION } from "./fixtures/avalonReplies.js";
import { type Played, readPlayed } from "./fixtures/playedRig.js";
import { fixture } from "./fixtures/scriptedLink.js";
import type { Reading } from "./reading.js";

/** Rigs to vary: the project's own, and the captures that HASHWATT_CORPUS names. */
const OWN: [string, Played][] = [
  ["an Antminer", { transport: "cgminer-tcp", responses: fixture("antminer-s19pro.json") }],
  ["a Whatsminer", { transport: "cgminer-tcp", responses: fixture("whatsminer-m50s.json") }],
  ["an Avalon", { transport: "cgminer-tcp", responses: avalonScript() }],
];
const CORPUS = process.env.HASHWATT_CORPUS;
const captured: [string, Played][] =
  CORPUS && existsSync(CORPUS)
    ? readdirSync(CORPUS)
        .filter((name) => name.endsWith(".json") && name !== "index.json")
        .map((name) => {
          const { transport, responses = {}, http } = JSON.parse(readFileSync(join(CORPUS, name), "utf8"));
          return [name, { transport, responses, http }];
        })
    : [];

type Change = (value: unknown) => unknown;
/** Every value of a JSON tree changed, from the leaves up. */
const mapped = (value: unknown, change: Change): unknown => {
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  if (typeof value !== "object" || value === null) return change(value);
  return change(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapped(one, change)])));
};
/** A rig whose replies are changed where they are JSON. */
function varied(rig: Played, change: (reply: unknown) => unknown): Played {
  const each = (replies: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(replies).map(([name, reply]) => {
        if (typeof reply !== "string") return [name, change(reply)];
        try {
          return [name, change(JSON.parse(reply))];
        } catch {
          return [name, reply];
        }
      }),
    );
  const { http } = rig;
  return {
    ...rig,
    responses: each(rig.responses),
    http: http && {
      ...http,
      routes: each(http.routes),
      graphql: http.graphql && { ...http.graphql, responses: each(http.graphql.responses) },
    },
  };
}
const isMap = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const WAYS: Record<string, (rig: Played) => Played> = {
  "with its keys in another order": (rig) =>
    varied(rig, (reply) =>
      mapped(reply, (value) => (isMap(value) ? Object.fromEntries(Object.entries(value).reverse()) : value)),
    ),
  "with its numbers as text": (rig) =>
    varied(rig, (reply) => mapped(reply, (value) => (typeof value === "number" ? String(value) : value))),
  "without the closing NUL": (rig) => ({ ...rig, nul: false }),
  "without commas between rows": (rig) =>
    rig.transport === "cgminer-tcp" || rig.transport === "cgminer-tcp+http"
      ? { ...varied(rig, (reply) => reply), responses: uncommaed(rig.responses) }
      : rig,
};
const uncommaed = (responses: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(responses).map(([name, reply]) => [
      name,
      (typeof reply === "string" ? reply : JSON.stringify(reply)).replaceAll("},{", "}{"),
    ]),
  );

/** What travels. */
const told = (reading: Reading | AgentError): unknown =>
  reading instanceof AgentError ? { code: reading.code } : JSON.parse(JSON.stringify(reading));

describe.each([...OWN, ...captured])("%s", (_, rig) => {
  it.each(Object.entries(WAYS))("is read alike %s", async (__, change) => {
    const whole = await readPlayed(rig);
    expect(whole).not.toBeInstanceOf(AgentError);
    expect(told(await readPlayed(change(rig)))).toEqual(told(whole));
  });
});

const S19 = fixture("antminer-s19pro.json");
const M50 = fixture("whatsminer-m50s.json");
const reading = async (responses: Record<string, unknown>): Promise<Reading> => {
  const told = await readPlayed({ transport: "cgminer-tcp", responses });
  if (told instanceof AgentError) throw told;
  return told;
};
type Rows = Record<string, Record<string, unknown>[]>;
const rowsOf = (text: string | undefined): Rows => JSON.parse(text!) as Rows;

describe("boards", () => {
  const slots = [1, 2, 3, 4];
  const chain = (n: number, there: boolean) => ({
    [`chain_acn${n}`]: there ? 114 : 0,
    [`chain_rate${n}`]: there ? "36500.5" : "",
    [`chain_hw${n}`]: 0,
    [`temp_pcb${n}`]: there ? "60-61-62-63" : "0-0-0-0",
    [`temp_chip${n}`]: there ? "70-71-72-73" : "0-0-0-0",
    [`temp${n}`]: there ? 63 : 0,
    [`temp2_${n}`]: there ? 73 : 0,
  });
  const subsets = Array.from({ length: 15 }, (_, i) => slots.filter((__, bit) => (i + 1) & (1 << bit)));

  it.each(subsets.map((there) => [there]))("%j of an Antminer are those, and no other", async (there) => {
    const reply = rowsOf(S19.stats);
    for (const n of slots) Object.assign(reply.STATS![1]!, chain(n, there.includes(n)));
    const { boards } = await reading({ ...S19, stats: reply });
    expect(boards).toEqual(
      there.map((slot) =>
        expect.objectContaining({ slot, hashrateThs: 36.5005, boardTempC: 63, chipTempC: 73, chips: 114 }),
      ),
    );
  });

  it("of an S9 stand in the slots that it prints on them", async () => {
    const row = { Elapsed: 100, "GHS 5s": "13000.5", "GHS av": 13_000, fan_num: 2, fan3: 5040, fan6: 3600 };
    for (const n of [6, 7, 8]) Object.assign(row, chain(n, true), { [`chain_acn${n}`]: 63 });
    const version = { CGMiner: "4.9.0", Miner: "16.8.1.3", CompileTime: "x", Type: "Antminer S9" };
    const told = await reading({ stats: { STATUS: [{ STATUS: "S" }], STATS: [version, row] } });
    expect(told.boards?.map(({ slot, chips }) => [slot, chips])).toEqual([6, 7, 8].map((slot) => [slot, 63]));
    expect(told.fansRpm).toEqual([5040, 3600]);
  });

  it.each([1, 2, 3, 4])("%i of a Whatsminer are as many, and its power is the supply's", async (count) => {
    const devs = rowsOf(M50.devs);
    const [first] = devs.DEVS!;
    devs.DEVS = Array.from({ length: count }, (_, slot) => ({ ...first, ASC: slot, ID: slot, Slot: slot }));
    const told = await reading({ ...M50, devs });
    expect(told.boards?.map(({ slot }) => slot)).toEqual(Array.from({ length: count }, (_, slot) => slot));
    expect(told).toMatchObject({ powerW: 3200, powerSource: "psu", hashrateThs: 124.5 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("are the modules of an Avalon's controller with %i", async (count) => {
    const { PS: _supply, MGHS: _boards, ...tokens } = A12;
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    const modules = ids.map((id): [string, string] => [`MM ID${id}`, mm({ ...tokens, GHSspd: `${id}000` })]);
    const told = await reading({
      version: VERSION,
      stats: stats(...modules).members,
      summary: { SUMMARY: [{ Elapsed: 9000, "MHS av": 8e7 }] },
    });
    const sum = (count * (count + 1)) / 2;
    expect(told).toMatchObject({ dialect: "avalon", status: "mining", hashrateThs: sum });
    expect(told.powerSource).not.toBe("psu");
    if (count > 1) expect(told.boards?.map(({ slot }) => slot)).toEqual(ids);
  });
});

describe("names", () => {
  it.each([
    ["Antminer S9j", "SHA256"],
    ["Antminer T9+", "SHA256"],
    ["Antminer S9 SE", "SHA256"],
    ["Antminer S15", "SHA256"],
    ["Antminer S17+", "SHA256"],
    ["Antminer T17e", "SHA256"],
    ["Antminer S19j Pro", "SHA256"],
    ["Antminer S19 XP", "SHA256"],
    ["Antminer S19k Pro", "SHA256"],
    ["Antminer S21", "SHA256"],
    ["Antminer S21 XP Hyd.", "SHA256"],
    ["Antminer S21+", "SHA256"],
    ["Antminer T21", "SHA256"],
    ["Antminer S23", "SHA256"],
    ["Antminer KS5 Pro", "kHeavyHash"],
    ["Antminer HS3", "Handshake"],
  ])("an %s is a stock Antminer", async (type, algo) => {
    const named = Object.fromEntries(
      Object.entries(S19).map(([command, reply]) => [command, reply.replaceAll("Antminer S19 Pro", type)]),
    );
    expect(await reading(named)).toMatchObject({
      dialect: "bitmain-stock",
      model: type,
      algo,
      hashrateThs: 109.51234,
      boards: [{ slot: 1 }, { slot: 2 }, { slot: 3 }],
    });
  });

  it.each([
    ["M20SV10", "Whatsminer M20S"],
    ["M21S+V20", "Whatsminer M21S+"],
    ["M30S++_VH60", "Whatsminer M30S++"],
    ["M31S+VE40", "Whatsminer M31S+"],
    ["M33S++VG20", "Whatsminer M33S++"],
    ["M50VH10", "Whatsminer M50"],
    ["M53SVH30", "Whatsminer M53S"],
    ["M56S++VJ10", "Whatsminer M56S++"],
    ["M60S_VK40", "Whatsminer M60S"],
    ["M63S++VL20", "Whatsminer M63S++"],
    ["M66SVK30", "Whatsminer M66S"],
    ["M70V10", "Whatsminer M70"],
  ])("%s is a %s", async (model, name) => {
    const devdetails = M50.devdetails!.replaceAll("M50SVH50", model);
    expect(await reading({ ...M50, devdetails })).toMatchObject({ dialect: "btminer-v2", model: name });
  });

  it.each([
    ["1126Pro-S-64-21072803_4ec6bb0", "Avalon 1126 Pro"],
    ["1166Pro-S-81-21072803_4ec6bb0", "Avalon 1166 Pro"],
    ["1246-90-21072803_4ec6bb0", "Avalon 1246"],
    ["1346-110-22072803_4ec6bb0", "Avalon 1346"],
    ["1366-130-22072803_4ec6bb0", "Avalon 1366"],
    ["1466-150-23072803_4ec6bb0", "Avalon 1466"],
    ["15-194-24102401_25462b2_9ddf522", "Avalon 1566"],
    ["A16-300-25102401_25462b2", "Avalon A16"],
  ])("%s is an %s", async (Ver, model) => {
    expect(await reading({ version: VERSION, stats: stats(mm({ ...A12, Ver })).members })).toMatchObject({
      dialect: "avalon",
      model,
      hashrateThs: 82.5005,
      powerSource: "firmware",
    });
  });

  it.each([
    ["Q-25052801_14a19a2", "Avalon Q"],
    ["Nano3s-25021401_56abae7", "Avalon Nano 3s"],
    ["Nano3-24021401_56abae7", "Avalon Nano 3"],
    ["Mini3-25021401_56abae7", "Avalon Mini 3"],
  ])("%s is an %s", async (Ver, model) => {
    const version = { VERSION: [{ PROD: "Avalon home", MODEL: Ver.split("-")[0] }] };
    expect(await reading({ version, stats: home({ ...HOME, Ver }).members })).toMatchObject({
      dialect: "avalon",
      model,
      powerW: 1674,
      powerSource: "psu",
    });
  });

  it.each(["пт ноя 17 17:37:21 CST 2023", "2023年11月17日 17:37:21", "Fri, 17 nov. 2023"])(
    "of a build may be in any language: %s",
    async (date) => {
      const version = S19.version!.replace("Fri Nov 17 17:37:21 CST 2023", date);
      expect(await reading({ ...S19, version })).toMatchObject({ dialect: "bitmain-stock", firmware: date });
    },
  );
});

describe("a hashrate in another unit", () => {
  it.each([
    ["a thousand too low", (ghs: number) => ghs / 1_000],
    ["a million too low", (ghs: number) => ghs / 1e6],
  ])("%s is told, and not rescaled, though the rig rates itself alike", async (_, rescaled) => {
    const rates = /"(?:GHS (?:5s|av|30m)|total_rateideal|rate_30m)":\s*"?([\d.]+)"?/g;
    const moved = (text: string) =>
      text.replace(rates, (pair, rate: string) => pair.replace(rate, String(rescaled(Number(rate)))));
    const told = await reading({ ...S19, summary: moved(S19.summary!), stats: moved(S19.stats!) });
    expect(told.hashrateThs).toBeCloseTo(rescaled(109_512.34) / 1_000, 5);
    expect(told).toMatchObject({ unitSuspect: true, notes: [{ code: "unitSuspect" }] });
  });

  it("that no rig has is left out", async () => {
    const moved = (text: string) => text.replace(/"(GHS (?:5s|av)|total_rateideal)":\s*(\d+)/g, '"$1":$2000');
    const told = await reading({ ...S19, summary: moved(S19.summary!), stats: moved(S19.stats!) });
    expect([told.status, told.hashrateThs, told.hashrateAvgThs]).toEqual(["mining", undefined, undefined]);
  });

  it("is none while a rig warms up", async () => {
    const warming = S19.summary!.replace(/"GHS 5s":\s*[\d.]+/, '"GHS 5s":120.5').replace(
      /"Elapsed":\s*\d+/,
      '"Elapsed":40',
    );
    const told = await reading({ ...S19, summary: warming });
    expect([told.hashrateThs, told.unitSuspect, told.notes]).toEqual([0.1205, undefined, undefined]);
  });
});

describe("an answer that is missing", () => {
  it.each(Object.keys(S19))(
    "(%s of an Antminer) takes away what it told, and changes nothing else",
    async (gone) => {
      const { [gone]: _left, ...rest } = S19;
      const told = await reading(rest);
      const whole = await reading(S19);
      expect(told).toMatchObject({ dialect: "bitmain-stock", status: "mining" });
      for (const key of ["hashrateThs", "boardTempC", "chipTempC", "nominalThs"] as const)
        if (told[key] !== undefined) expect(Math.abs(told[key] / whole[key]! - 1), key).toBeLessThan(0.02);
    },
  );
});
