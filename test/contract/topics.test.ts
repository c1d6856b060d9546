import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/program.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const page = readFileSync(join(root, "docs/topics.md"), "utf8");
/** The fenced blocks of a language under a heading of the page. */
const blocks = (heading: string, language: string): string[] => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, text]) => text!,
  );
};
const texts = (toml: string, key: string): string[] =>
  [...toml.matchAll(new RegExp(`^\\s*${key} = "(.*)"$`, "gm"))].map(([, text]) => text!);
const list = (toml: string, key: string): string[] =>
  [...toml.matchAll(new RegExp(`^\\s*${key} = \\[([^\\]]*)\\]`, "gm"))].flatMap(([, items]) =>
    [...items!.matchAll(/"([^"]*)"/g)].map(([, text]) => text!),
  );

/** What a state has that Telegraf's example leaves out: its timestamp, what never changes, and what Telegraf has no place for. */
const LEFT_OUT = [
  "receivedMs",
  "currency",
  "sample.atMs",
  "sample.intervalMs",
  "sample.algo",
  "sample.hashrateWindowS",
  "sample.boardLimitC",
  "sample.chipLimitC",
  "sample.shares.acceptedDiff",
  "sample.shares.rejectedDiff",
];
/** Lists: a measurement of their own, fields by place, or nothing that a field could hold. */
const LISTS = ["sample.boards", "sample.fansRpm", "sample.faults"];

type Tree = { [key: string]: unknown };
const at = (tree: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Tree | undefined)?.[key], tree);

/** Paths of everything in a state that is neither an object nor a list. */
function leaves(tree: Tree, above = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = `${above}${key}`;
    if (Array.isArray(value)) return [];
    return typeof value === "object" && value !== null ? leaves(value as Tree, `${path}.`) : [path];
  });
}

describe("what docs/topics.md tells other tools to read", () => {
  let server: ToldServer;
  let topic: string;
  let state: Tree;

  beforeAll(async () => {
    server = await startToldServer({ publishRigState: true });
    const told = new Map<string, Tree>();
    server.mqtt.on("message", (name, payload) => {
      if (name.endsWith("/state")) told.set(name, JSON.parse(payload.toString()) as Tree);
    });
    const [filter] = list(blocks("Telegraf", "toml")[0]!, "topics");
    await server.mqtt.subscribeAsync(filter!, { qos: 1 });
    await server.tell([fullRig(1)]);
    // States are told every 30 s.
    server.later(31_000);
    [topic, state] = await until("a state is told", () => [...told][0]);
  });
  afterAll(async () => {
    await server?.close();
  });

  test("Telegraf's example makes the tags site and rig of the topic", () => {
    for (const toml of blocks("Telegraf", "toml")) {
      const [filter] = texts(toml, "topic");
      const [tags] = texts(toml, "tags");
      const [parts, names] = [topic.split("/"), tags!.split("/")];
      expect(filter!.split("/").map((part, i) => (part === "+" ? parts[i] : part))).toEqual(parts);
      expect(Object.fromEntries(names.map((name, i) => [name, parts[i]]))).toMatchObject({
        site: "farm",
        rig: "r1",
      });
    }
  });

  test("Telegraf's example names no path that a state does not have, and takes the reading's own time", () => {
    const [rig, board] = blocks("Telegraf", "toml") as [string, string];
    const keys = list(rig, "included_keys").map((key) => key.replaceAll("_", "."));
    const paths = [...keys, ...texts(rig, "path").filter((path) => path !== "@this")];
    expect(paths.length).toBeGreaterThan(25);
    expect(paths.filter((path) => at(state, path) === undefined)).toEqual([]);
    const renamed = [...rig.matchAll(/^\s*(sample_\w+) = "\w+"$/gm)].map(([, key]) => key!);
    expect(renamed.filter((key) => !list(rig, "included_keys").includes(key))).toEqual([]);

    for (const toml of [rig, board]) {
      expect(texts(toml, "timestamp_format")).toEqual(["unix_ms"]);
      expect(texts(toml, "timestamp_path").map((path) => at(state, path))).toEqual([expect.any(Number)]);
    }
    const [held] = at(state, texts(board, "path")[0]!) as Tree[];
    const columns = [...list(board, "included_keys"), ...list(board, "tags")];
    expect(columns.toSorted()).toEqual(Object.keys(held!).toSorted());
  });

  test("Telegraf's example takes all that a state has, but for what it is known to leave out", () => {
    const [rig] = blocks("Telegraf", "toml") as [string];
    const taken = list(rig, "included_keys").map((key) => key.replaceAll("_", "."));
    expect([...taken, ...LEFT_OUT].toSorted()).toEqual(leaves(state).toSorted());
    expect(LISTS.filter((path) => !Array.isArray(at(state, path)))).toEqual([]);
    // Without its prefix every key must still be a name of its own.
    const renames = new Map(
      [...rig.matchAll(/^\s*(sample_\w+) = "(\w+)"$/gm)].map(([, key, name]) => [key, name]),
    );
    const fields = list(rig, "included_keys").map((key) => renames.get(key) ?? key.split("_").at(-1));
    expect(new Set(fields).size).toBe(fields.length);
  });

  test("Home Assistant's example names no value that a state does not have", () => {
    const [yaml] = blocks("Home Assistant", "yaml") as [string];
    const asked = [...yaml.matchAll(/value_json\.([\w.]+)/g)].map(([, path]) => path!);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((path) => at(state, path) === undefined)).toEqual([]);
    const topics = [...yaml.matchAll(/topic: (\S+)/g)].map(([, name]) => name!.replace("/north/", "/farm/"));
    expect(new Set(topics)).toEqual(new Set([topic]));
  });

  test("the example of a state on the page has the keys of a real one", () => {
    const [json] = blocks("info and state", "json") as [string];
    const shown = JSON.parse(json) as Tree;
    expect(Object.keys(shown)).toEqual(Object.keys(state));
    expect(leaves(shown).filter((path) => at(state, path) === undefined)).toEqual([]);
    expect(Object.keys(shown.figures as Tree)).toEqual(Object.keys(state.figures as Tree));
  });
});
