import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../config.js";
import { fetcherOf, seriesBySite } from "../rates/fetch/registry.js";
import { readableByAll } from "./openFiles.js";

describe("sources of rates in a config", () => {
  let folder: string;
  let keyFile: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-sources-"));
    keyFile = join(folder, "key");
    writeFileSync(keyFile, "s3cret\n", { mode: 0o644 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const configOf = (sources: unknown[], env: Record<string, string> = {}) =>
    parseConfig(JSON.stringify({ sources }), "server.yaml", env);
  const maps = (key: unknown, more: object = {}) => ({
    id: "em",
    kind: "electricity-maps",
    zone: "FR",
    sites: ["hall", "barn"],
    key,
    ...more,
  });

  test("take their keys from the environment or a file, and never print them", () => {
    const config = configOf(
      [maps({ env: "EM_TOKEN" }), maps({ file: keyFile }, { id: "em2", zone: "DE", sites: ["hall"] })],
      { EM_TOKEN: "s3cret" },
    );
    expect(JSON.stringify(config)).not.toContain("s3cret");
    const [first, second] = config.sources as unknown as { key: { secret: { reveal(): string } } }[];
    expect([first!.key.secret.reveal(), second!.key.secret.reveal()]).toEqual(["s3cret", "s3cret"]);
    expect(readableByAll(config)).toEqual([{ key: "sources[1].key.file", path: keyFile }]);
    expect(config.sources.map(fetcherOf).map(({ id, everyMs }) => [id, everyMs])).toEqual([
      ["em", 1_800_000],
      ["em2", 1_800_000],
    ]);
    expect([...seriesBySite(config.sources, "carbon")]).toEqual([
      ["hall", ["carbon/em", "carbon/em2"]],
      ["barn", ["carbon/em"]],
    ]);
    expect(seriesBySite(config.sources, "marginal").size).toBe(0);
  });

  test.each([
    [[maps("s3cret")], "server.yaml: sources[0].key: "],
    [[maps({ env: "EM_TOKEN" })], "server.yaml: sources[0].key.env: the variable EM_TOKEN is not set"],
    [[maps({ env: "A", file: "b" })], "sources[0].key: must name either env or file"],
    [[maps({ file: "/nowhere/key" })], "sources[0].key.file: cannot read /nowhere/key (ENOENT)"],
    [[maps({ env: "A" }, { zone: "fr" })], "sources[0].zone: must be a zone of Electricity Maps such as FR"],
    [[{ id: "m", kind: "mempol" }], "sources[0].kind: "],
    [
      [{ id: "m", kind: "mempool", evryMinutes: 5 }],
      "unknown key sources[0].evryMinutes; did you mean everyMinutes?",
    ],
    [[{ id: "m", kind: "mempool", url: "http://u:p@host" }], "sources[0].url: must hold no user or password"],
    [
      [
        { id: "m", kind: "mempool" },
        { id: "m", kind: "kraken" },
      ],
      "sources[1].id: m is there twice; keep one",
    ],
    [[{ id: "c", kind: "csv", series: "price/x" }], "sources[0].file: must name either file or url"],
    [
      [{ id: "c", kind: "csv", series: "prices/x", file: "a" }],
      "sources[0].series: must be a series such as price/spot",
    ],
    [
      [{ id: "c", kind: "bitcoin-core", user: "u" }],
      "sources[0].user: must come with password, or use cookieFile",
    ],
  ])("%j are refused with what to do", (sources, words) => {
    let said = "";
    try {
      configOf(sources);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toContain(words);
    expect(said).not.toContain("s3cret");
  });
});
