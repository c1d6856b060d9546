import {
  EXPECTED_NAMES,
  type ExpectedRig,
  expectedRigSchema,
  REGISTER_COLUMNS,
} from "@hashwatt/protocol/register";
import { ServerError } from "@hashwatt/server/error";
import { parseRegisterCsv, readRegisterCsv, registerCsv } from "@hashwatt/server/register/csv";
import { FleetRegister } from "@hashwatt/server/register/fleetRegister";
import { MemoryStateStore } from "@hashwatt/server/store/state/memory";
import { mutate, Seeded } from "../mutators.js";
import { isOneLine, NASTY_TEXTS } from "../nasty.js";
import { type Outcome, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";

/** After so many files the register begins anew, so that an input can be told by those shortly before it. */
const LIFE = 100;
const SITES = [{ site: "farm" }, { site: "hall" }];
/** What a spreadsheet takes for a formula at the beginning of a cell. */
const FORMULA = /^[=+\-@\t]/;

const GOOD: Record<(typeof REGISTER_COLUMNS)[number], readonly string[]> = {
  name: ["A-1", "hall 3, rack 7", 'the "low" one', "=1+1", "矿机-12"],
  serial: ["SN99ABC01", "JYZZ-1"],
  mac: ["02:00:00:00:00:01", "02-00-00-00-00-02", "0200.0000.0003"],
  address: ["10.0.0.7", "10.0.0.8:4029", "fe80::1", "rig7.farm.local"],
  worker: ["account.rig7", "account.rack7-*", "*"],
  site: ["farm", "hall"],
  rack: ["R1", "7"],
  row: ["a"],
  position: ["3"],
  feeder: ["F2"],
  pdu: ["P-1/3"],
  outlet: ["7", "B12"],
  owner: ["ann", "O'Neill"],
  state: ["active", "repair", "spare", "retired"],
};

/** A cell as spreadsheets write it, or as it is. */
const written = (text: string, chance: Seeded): string =>
  chance.next() < 0.8 && /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A file of some columns and rows; most of its cells are good. */
function file(chance: Seeded, odd: readonly unknown[]): { text: string; how: string } {
  const columns = REGISTER_COLUMNS.filter((column) => column === "name" || chance.next() < 0.5);
  const separator = chance.of([",", ",", ";", "\t"]);
  const end = chance.of(["\n", "\r\n", "\r\n", "\n\n"]);
  const rows = chance.next() < 0.0003 ? 5_000 : chance.whole(0, 6);
  const bad = chance.of([0, 0, 0.02, 0.2]);
  const cell = (column: (typeof REGISTER_COLUMNS)[number], row: number): string => {
    if (chance.next() < bad) {
      const nasty = chance.next() < 0.5 ? chance.of(NASTY_TEXTS) : String(JSON.stringify(chance.of(odd)));
      return written(nasty, chance);
    }
    if (chance.next() < 0.3 && column !== "name") return "";
    const good = chance.of(GOOD[column]);
    // Each row is another rig, now and then one twice.
    const isName = (EXPECTED_NAMES as readonly string[]).includes(column);
    if (column === "mac") return `02:00:00:00:${chance.whole(10, 99)}:${chance.whole(10, 99)}`;
    return written(isName && chance.next() < 0.95 ? `${good}${row}` : good, chance);
  };
  const head = columns.map((column) =>
    chance.next() < 0.02
      ? chance.of([...NASTY_TEXTS, "", "__proto__", "nmae", column.toUpperCase()])
      : column,
  );
  const lines = Array.from({ length: rows }, (_, row) => columns.map((column) => cell(column, row)));
  if (rows && chance.next() < 0.05) lines[0]!.push(...Array<string>(chance.whole(1, 2_000)).fill("x"));
  const text = [head, ...lines].map((cells) => cells.join(separator)).join(end);
  return { text: `${chance.next() < 0.2 ? "\ufeff" : ""}${text}${chance.of(["", end])}`, how: "as written" };
}

/** The first character of each cell that has one, without its quote. Values are of one line, so that no cell holds a line break. */
function* beginnings(csv: string): Iterable<string> {
  for (const line of csv.split("\r\n")) {
    let [quoted, isFirst] = [false, true];
    for (let at = 0; at < line.length; at++) {
      const char = line[at]!;
      // Of two quotes at the beginning the second is the cell's own, or its end.
      if (isFirst && char !== ",") yield char === '"' ? (line[at + 1] ?? "") : char;
      isFirst = char === "," && !quoted;
      if (char === '"') quoted = !quoted;
    }
  }
}

/** Throws unless a register is plain, inside its bounds, runs in no spreadsheet, and is read back as it is written. */
function mustBeARegister(rigs: readonly ExpectedRig[]): void {
  for (const rig of rigs) {
    const parsed = expectedRigSchema.safeParse(rig);
    promised(parsed.success, `taken outside its bounds: ${parsed.error?.message}`);
    for (const value of Object.values(rig))
      promised(isOneLine(value), `taken with more than text: ${JSON.stringify(value)}`);
  }
  const csv = registerCsv(rigs);
  for (const begins of beginnings(csv))
    promised(!FORMULA.test(begins), `a cell is written as a formula: ${JSON.stringify(begins)}`);
  const back = parseRegisterCsv(csv);
  promised(
    JSON.stringify(back.map(sorted)) === JSON.stringify(rigs.map(sorted)),
    `read back otherwise: ${JSON.stringify(back).slice(0, 400)}`,
  );
}

/** In the order of the columns; a text that only looks like one that is kept from running is that text. */
const sorted = (rig: ExpectedRig): (string | undefined)[] =>
  REGISTER_COLUMNS.map((column) => rig[column]?.replace(/^'(?=[=+\-@])/, ""));

/** CSV files of a register, as `server register import` and `POST /api/register` take them. */
export const csv: Surface = {
  name: "csv",
  parallel: 1,
  async start(seed) {
    const odd = oddValues(seed);
    const state = new MemoryStateStore();
    const open = () =>
      FleetRegister.open({
        fleet: { view: () => undefined, views: () => [] } as never,
        book: { mute() {}, unmute() {}, isMuted: () => false, worst: () => undefined } as never,
        state,
        sites: { all: () => SITES },
        changed() {},
        clock: { nowMs: () => 0 },
      });
    let register = await open();
    let given = 0;
    const put = async (text: string): Promise<Outcome> => {
      const before = await state.setting("register");
      try {
        const rows = readRegisterCsv(text);
        mustBeARegister(rows.rigs.map(({ rig }) => rig));
        const foretold = register.preview(rows);
        for (const { message } of foretold.refused)
          promised(isOneLine(message), `a reason that is no plain line: ${JSON.stringify(message)}`);
        const rigs = parseRegisterCsv(text);
        const { added, changed, same, total } = await register.put(rigs);
        promised(
          added + changed + same === rigs.length && total >= added,
          "what was imported does not add up",
        );
        promised(
          !foretold.refusedRows && foretold.added === added && foretold.changed === changed,
          `foretold was something else: ${JSON.stringify({ ...foretold, rows: [] })}`,
        );
        return { kind: "accepted" };
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        promised(error.code === "badRequest", `refused as ${error.code}: ${error.message}`);
        promised(
          (await state.setting("register")) === before,
          "a file that was refused has changed something",
        );
        return { kind: "refused", code: error.code, reason: error.message };
      }
    };
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const { text, how } = file(chance, odd);
        if (chance.next() < 0.6) return { bytes: Buffer.from(text), about: { how } };
        const changed = mutate(Buffer.from(text), chance, odd, 0);
        return { bytes: changed.bytes, about: { how: changed.how } };
      },
      async give({ bytes }) {
        if (++given % LIFE === 0) {
          await state.putSetting("register", '{"next":1,"entries":[]}');
          register = await open();
        }
        return put(bytes.toString());
      },
      async good() {
        const { kind } = await put("name,mac,site\ngood,02:ff:ff:ff:ff:ff,farm\n");
        promised(kind === "accepted", "a good file is refused");
        promised(
          [...register.entries()].some(({ name }) => name === "good"),
          "what was imported is not there",
        );
      },
      async close() {},
    };
  },
};
