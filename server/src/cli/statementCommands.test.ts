import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { JobCommand } from "./jobCommands.js";
import { type StatementOptions, statementCommand } from "./statementCommands.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-statements-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "paid.csv");
writeFileSync(file, "date,amount\n2026-08-01,1\n");

async function run(
  words: string[],
  options: Partial<StatementOptions>,
  command: "payouts" | "bills" = "payouts",
) {
  const sent: unknown[] = [];
  const said: string[] = [];
  const answer = {
    added: 1,
    changed: 0,
    same: 2,
    refusedRows: 1,
    refused: [{ line: 3, column: "amount", message: "is missing" }],
  };
  const api = {
    ask: (...asked: unknown[]) => {
      sent.push(asked.filter((_, at) => at !== 2));
      return Promise.resolve(answer);
    },
  };
  await statementCommand(
    { api, out: (text: string) => said.push(text) } as unknown as JobCommand,
    command,
    words,
    {
      password: () => Promise.resolve("hush"),
      ...options,
    },
  );
  return { sent, said };
}

test("a file is sent with what the command line says, and what came of it is told by line", async () => {
  const { sent, said } = await run(["import", file], { site: "farm", pool: "braiins", dryRun: true });
  expect(sent).toEqual([
    [
      "POST",
      "/api/reconciliation/payouts",
      { site: "farm", csv: "date,amount\n2026-08-01,1\n", dryRun: true, pool: "braiins" },
    ],
  ]);
  expect(said).toEqual([
    "line 3, column amount: is missing",
    "1 added, 0 changed, 2 as they were; 1 rows refused: nothing would be taken; nothing was changed",
  ]);
  expect((await run(["import", file], { site: "farm", pool: "x" }, "bills")).sent).toEqual([
    [
      "POST",
      "/api/reconciliation/bills",
      { site: "farm", csv: "date,amount\n2026-08-01,1\n", dryRun: false },
    ],
  ]);
});

test("a pool is asked with the token that was read, never with one of the command line", async () => {
  const asked = { site: "farm", pool: "luxor", account: "a", from: "2026-08-01", to: "2026-08-02" };
  expect((await run(["fetch"], asked)).sent).toEqual([
    ["POST", "/api/reconciliation/payouts/fetch", { ...asked, token: "hush" }],
  ]);
});

test.each([
  [["import", file], {}, /say of which site/],
  [["import"], { site: "farm" }, /say which file/],
  [["import", join(folder, "none.csv")], { site: "farm" }, /cannot read .*none\.csv \(ENOENT\)/],
  [["fetch"], { site: "farm" }, /say --pool braiins, f2pool or luxor/],
  [["export"], { site: "farm" }, /there is no "payouts export"; there is import and fetch/],
])("of %j it is told what is missing", async (words, options, message) => {
  await expect(run(words, options)).rejects.toThrow(message);
});
