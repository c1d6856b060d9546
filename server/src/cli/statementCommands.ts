import { readFileSync } from "node:fs";
import { type StatementImport, statementImportSchema } from "@hashwatt/protocol/reconciliation";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";

/** What may be said beside `payouts` and `bills`. */
export interface StatementOptions {
  site?: string | undefined;
  pool?: string | undefined;
  account?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  dryRun?: boolean | undefined;
  /** The pool's token, from stdin or a file; asked for where it is needed. */
  password(): Promise<string>;
}

const wrong = (message: string): ServerError => new ServerError("badRequest", message);

/** `payouts import FILE | fetch`, `bills import FILE`, at the running server. */
export async function statementCommand(
  { api, out }: JobCommand,
  command: "payouts" | "bills",
  words: readonly string[],
  { site, pool, account, from, to, dryRun = false, password }: StatementOptions,
): Promise<void> {
  const [verb, file] = words;
  if (site === undefined) throw wrong(`say of which site: ${command} ${verb ?? "import"} … --site north`);
  if (command === "payouts" && verb === "fetch") {
    if (pool === undefined || account === undefined || from === undefined || to === undefined)
      throw wrong("say --pool braiins, f2pool or luxor, --account NAME, --from DATE and --to DATE");
    const body = { site, pool, account, from, to, token: await password() };
    out(done(await api.ask("POST", "/api/reconciliation/payouts/fetch", statementImportSchema, body), false));
    return;
  }
  if (verb !== "import") {
    const verbs = command === "payouts" ? "import and fetch" : "import";
    throw wrong(`there is no "${command} ${verb ?? ""}"; there is ${verbs}`);
  }
  if (file === undefined) throw wrong(`say which file: ${command} import ${command}.csv`);
  const named = command === "bills" ? {} : { ...(pool && { pool }), ...(account && { account }) };
  const body = { site, csv: textOf(file), dryRun, ...named };
  const answer = await api.ask("POST", `/api/reconciliation/${command}`, statementImportSchema, body);
  for (const { line, column, message } of answer.refused)
    out(`line ${line}${column === undefined ? "" : `, column ${column}`}: ${message}`);
  out(done(answer, dryRun));
}

const done = ({ added, changed, same, refusedRows }: StatementImport, dryRun: boolean): string =>
  [
    `${added} added, ${changed} changed, ${same} as they were`,
    ...(refusedRows ? [`${refusedRows} rows refused: nothing would be taken`] : []),
    ...(dryRun ? ["nothing was changed"] : []),
  ].join("; ");

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw wrong(`cannot read ${file} (${(cause as NodeJS.ErrnoException).code})`);
  }
}
