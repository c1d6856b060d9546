import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type RateImport, rateImportSchema, ratesViewSchema } from "@hashwatt/protocol/rates";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";

const wrong = (message: string): ServerError => new ServerError("badRequest", message);
const instant = (ms: number | null): string => (ms === null ? "…" : new Date(ms).toISOString().slice(0, 16));

/** `rates import FILE [--series NAME] [--dry-run] | list`, at the running server. */
export async function ratesCommand(
  { api, out }: JobCommand,
  words: readonly string[],
  { series, dryRun = false }: { series?: string | undefined; dryRun?: boolean | undefined },
): Promise<void> {
  const [verb = "list", file] = words;
  if (verb === "list") return list({ api, out });
  if (verb !== "import") throw wrong(`there is no "rates ${verb}"; there are import and list`);
  if (file === undefined) throw wrong("say which file: rates import prices.csv");
  const body = { csv: textOf(file), file: basename(file), dryRun, ...(series !== undefined && { series }) };
  const done = await api.ask("POST", "/api/rates/import", rateImportSchema, body);
  for (const line of importLines(done)) out(line);
}

async function list({ api, out }: Pick<JobCommand, "api" | "out">): Promise<void> {
  const { series, sources } = await api.ask("GET", "/api/rates", ratesViewSchema);
  for (const each of series)
    out(
      `${each.series}: ${each.value} ${each.unit}, ${each.source}${each.asOfMs === null ? "" : ` of ${instant(each.asOfMs)}`}; ${each.slots} from ${instant(each.fromMs)} to ${instant(each.toMs)}`,
    );
  if (!series.length) out("no series of rates is held: name sources in the config, or import a file");
  for (const { id, kind, succeededMs, problem } of sources)
    out(
      `source ${id} (${kind}): ${problem ? `${problem.text}, since ${instant(problem.sinceMs)}` : succeededMs === null ? "not asked yet" : `works, asked ${instant(succeededMs)}`}`,
    );
}

function importLines({ applied, rows, series }: RateImport): string[] {
  return [
    ...series.map(({ series: name, slots, fromMs, toMs, replaced, changed }) => {
      const span = `${slots} from ${instant(fromMs)} to ${instant(toMs)}`;
      const change = changed
        ? `other values from ${instant(changed.fromMs)} to ${instant(changed.toMs)}`
        : "no other values than before";
      return `${name}: ${span}, in the place of ${replaced}; ${change}`;
    }),
    applied ? `${rows} rows imported` : `${rows} rows would be imported; nothing was changed`,
  ];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw wrong(`cannot read ${file} (${(cause as NodeJS.ErrnoException).code})`);
  }
}
