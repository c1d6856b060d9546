import { readNumber, readText } from "../replies/readNumber.js";
import type { Reply, Row } from "../replies/reply.js";
import { rowsOf } from "../replies/reply.js";

/**
 * One MM module of an Avalon: `Key[value]` tokens out of the one long text under `MM ID0`. A value is text, several numbers
 * in a row are a list, and -273 is a sensor that is not there.
 */
export class AvalonModule {
  constructor(
    /** The number behind `MM ID`. */
    readonly id: number,
    private readonly tokens: ReadonlyMap<string, string>,
    /** Chip lists of newer models, one map of tokens for each board. */
    private readonly boards: readonly ReadonlyMap<string, string>[],
  ) {}

  has(key: string): boolean {
    return this.tokens.has(key);
  }

  text(key: string, max = 200): string | undefined {
    return readText(this.tokens.get(key), max);
  }

  /** A single number, also with a unit (`55%`). */
  number(key: string): number | undefined {
    return readNumber(this.tokens.get(key)?.trim());
  }

  /** The numbers of a list, undefined at the place of what is none; an empty list without the token. */
  list(key: string): (number | undefined)[] {
    return split(this.tokens.get(key)).map(readNumber);
  }

  /** The words of a list. */
  words(key: string): string[] {
    return split(this.tokens.get(key));
  }

  /** A list with one number for each chip of a board: `PVT_T` and `MW`, which newer models keep apart by board. */
  chips(key: "PVT_T" | "MW", board: number): (number | undefined)[] {
    const own = this.boards[board];
    return split(own?.get(`${key}${board}`) ?? own?.get(`${key}0`) ?? this.tokens.get(`${key}${board}`)).map(
      readNumber,
    );
  }

  /** How many boards have chip lists, counted up to the first that has none. */
  boardsWithChips(): number {
    if (this.boards.length) return this.boards.length;
    let count = 0;
    while (count < 32 && (this.has(`PVT_T${count}`) || this.has(`MW${count}`))) count++;
    return count;
  }
}

const split = (text: string | undefined): string[] => text?.trim().split(/\s+/).filter(Boolean) ?? [];

const TOKEN = /([A-Za-z0-9_]+)\[([^\]]*)\]/g;
const MODULE = /^MM ID(\d{1,3})(?::Summary)?$/;

/**
 * The modules of a `stats`, `estats` or `litestats` reply by number; an empty list when it has none. A proxy may have taken
 * the text apart into an object already.
 */
export function modulesOf(reply: Reply | undefined): AvalonModule[] {
  const modules: AvalonModule[] = [];
  for (const row of rowsOf(reply, "STATS") ?? []) {
    for (const key in row) {
      const id = MODULE.exec(key)?.[1];
      const tokens = id === undefined ? undefined : tokensOf(row[key]);
      if (tokens?.size) modules.push(new AvalonModule(Number(id), tokens, boardsOf(row.HBinfo)));
    }
  }
  // Each converter of a controller counts its modules from 1.
  const ids = new Set(modules.map(({ id }) => id));
  if (ids.size === modules.length) return modules.sort((a, b) => a.id - b.id);
  return modules.map((one, i) => Object.assign(Object.create(AvalonModule.prototype), one, { id: i + 1 }));
}

/** Whether a reply has a module at all; costs less than taking it apart. */
export const hasModules = (reply: Reply | undefined): boolean =>
  (rowsOf(reply, "STATS") ?? []).some((row) =>
    Object.keys(row).some((key) => MODULE.test(key) && row[key] !== ""),
  );

function tokensOf(value: unknown): Map<string, string> | undefined {
  const tokens = new Map<string, string>();
  if (typeof value === "string") {
    // Of a key that is told twice the first value counts.
    for (const [, key, text] of value.matchAll(TOKEN)) if (!tokens.has(key!)) tokens.set(key!, text!);
  } else if (isRow(value)) {
    const inner = isRow(value.STATS) ? value.STATS : value;
    for (const [key, item] of Object.entries(inner))
      if (typeof item !== "object" || Array.isArray(item))
        tokens.set(key, Array.isArray(item) ? item.join(" ") : String(item));
  }
  return tokens;
}

/** `'HB0':{PVT_T0[…] MW0[…]} 'HB1':{…}` as tokens of each board. */
function boardsOf(value: unknown): Map<string, string>[] {
  const boards: Map<string, string>[] = [];
  if (typeof value === "string") {
    for (const part of value.split(/'HB\d{1,2}':\{/).slice(1)) {
      const end = part.indexOf("}");
      boards.push(tokensOf(end < 0 ? part : part.slice(0, end))!);
    }
  } else if (isRow(value)) for (const item of Object.values(value)) boards.push(tokensOf(item)!);
  return boards.slice(0, 32);
}

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);
