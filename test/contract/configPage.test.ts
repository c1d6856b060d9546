import { readFileSync } from "node:fs";
import { configSchema as agentSchema } from "@hashwatt/agent/config";
import { configSchema as serverSchema } from "@hashwatt/server/config/schema";
import { configSchema as simulatorSchema } from "@hashwatt/simulator/config";
import { describe, expect, test } from "vitest";

/** What zod says of the shape of a schema, as far as this walks it. */
interface Schema {
  _zod: {
    def: {
      type: string;
      innerType?: Schema;
      in?: Schema;
      element?: Schema;
      options?: readonly Schema[];
      shape?: Record<string, Schema>;
      values?: readonly unknown[];
      defaultValue?: unknown;
    };
  };
}

const pageOf = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const PAGE = pageOf("config.md");

/** Keys of the server with many more below them, and the page that has those. */
const ELSEWHERE: Record<string, string> = {
  "sites[].tariffs": "tariffs.md",
  meters: "operations.md",
  "alerts.channels": "alerts.md",
};
/** Their keys are by kind: a table of its own. */
const SOURCES = "sources";

/** A schema without its wrappings, and its default if it has one. */
function unwrapped(
  { _zod: { def } }: Schema,
  given?: unknown,
): { def: Schema["_zod"]["def"]; given: unknown } {
  if (def.type === "default") return unwrapped(def.innerType!, def.defaultValue);
  if (def.type === "optional" || def.type === "nullable") return unwrapped(def.innerType!, given);
  return def.type === "pipe" ? unwrapped(def.in!, given) : { def, given };
}

/** Every key below `path` that holds a value, with its default. */
function keysOf(schema: Schema, path: string, stops: readonly string[], into = new Map<string, unknown>()) {
  const { def, given } = unwrapped(schema);
  if (stops.includes(path)) return into.set(path, given);
  if (def.type === "object")
    for (const [key, value] of Object.entries(def.shape!))
      keysOf(value, path === "" ? key : `${path}.${key}`, stops, into);
  else if (def.type === "union") for (const option of def.options!) keysOf(option, path, stops, into);
  else if (def.type === "array") {
    const below = keysOf(def.element!, `${path}[]`, stops);
    for (const [key, value] of below) into.set(key === `${path}[]` ? path : key, value);
  } else into.set(path, given);
  return into;
}

/** Rows of the tables of a section: the keys of the first cell and the second cell. */
const rowsOf = (section: string): { keys: string[]; second: string }[] =>
  PAGE.split(/^(?=#{2,3} )/m)
    .slice(inSections(section)[0], inSections(section)[1])
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [, first = "", second = ""] = line.split("|");
      return { keys: codeIn(first), second: second.trim() };
    });
const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

/** Where a section begins and ends among the parts that headings make: a `##` with the `###` below it. */
function inSections(section: string): [number, number] {
  const heads = PAGE.split(/^(?=#{2,3} )/m).map((part) => part.split("\n", 1)[0]!);
  const from = heads.findIndex((head) => head.replace(/^#+ /, "") === section);
  const level = /^#+/.exec(heads[from]!)![0].length;
  const to = heads.findIndex((head, i) => i > from && /^#+/.exec(head)![0].length <= level);
  return [from, to < 0 ? heads.length : to];
}

describe("docs/config.md", () => {
  test.each([
    ["Server", serverSchema, [...Object.keys(ELSEWHERE), SOURCES]],
    ["Agent", agentSchema, []],
    ["Simulator", simulatorSchema, []],
  ] as const)("has every key of the %s with its default, and no other", (section, schema, stops) => {
    const keys = keysOf(schema as unknown as Schema, "", stops);
    const kinds = section === "Server" ? rowsOf("Sources").flatMap((row) => row.keys) : [];
    const rows = rowsOf(section).filter((row) => !kinds.includes(row.keys[0]!));
    expect(rows.flatMap((row) => row.keys).sort()).toEqual([...keys.keys()].sort());
    for (const row of rows)
      for (const key of row.keys) {
        const given = keys.get(key);
        // The name of this host, and what is no single value, are said in words.
        if (typeof given === "object" || given === undefined || key === "agent") continue;
        expect(codeIn(row.second), key).toEqual([String(given)]);
      }
  });

  test.each(Object.entries(ELSEWHERE))("has the keys of %s on a page of their own", (path, page) => {
    const all = keysOf(serverSchema as unknown as Schema, "", [SOURCES]);
    const names = [...all.keys()]
      .filter((key) => key.startsWith(`${path}[].`))
      .map((key) => /\w+$/.exec(key)![0]);
    expect(names.length).toBeGreaterThan(5);
    const text = pageOf(page);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
    expect(PAGE).toContain(`](${page}`);
  });

  test("has every kind of source with all its keys and their defaults", () => {
    const { sources } = unwrapped(serverSchema as unknown as Schema).def.shape!;
    const { def } = unwrapped(unwrapped(sources!).def.element!);
    const common = ["id", "kind", "everyMinutes", "perHour", "perDay"];
    const kinds = def.options!.map((option) => {
      const { shape } = unwrapped(option).def;
      const own = Object.entries(shape!).filter(([key]) => !common.includes(key));
      return { kind: String(unwrapped(shape!.kind!).def.values![0]), own };
    });
    const rows = rowsOf("Sources");
    expect(rows.map((row) => row.keys[0]).sort()).toEqual(kinds.map(({ kind }) => kind).sort());
    for (const { kind, own } of kinds) {
      const { second } = rows.find((row) => row.keys[0] === kind)!;
      expect(codeIn(second).sort(), kind).toEqual(own.map(([key]) => key).sort());
      for (const [key, schema] of own) {
        const { given } = unwrapped(schema);
        // An address that is as long as a line is named, not written.
        if (given === undefined || key === "loginUrl") continue;
        const said = Array.isArray(given) ? `[${given.join(", ")}]` : String(given);
        expect(second, `${kind}.${key}`).toContain(`\`${key}\` (${said})`);
      }
    }
  });
});
