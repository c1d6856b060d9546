import { resolve } from "node:path";
import { ServerError } from "../error.js";
import { instant } from "../http/query.js";
import type { JobCommand } from "./jobCommands.js";
import { runJob } from "./watchJob.js";

/** How `export` was called beside what it is of. */
export interface ExportOptions {
  out?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  site?: string | undefined;
}

/** `export rigs|sites|samples --out FILE`: has the server write rows to a file of its machine, and waits for its end. */
export async function exportCommand(
  command: JobCommand,
  data: string | undefined,
  { out, from, to, site }: ExportOptions,
): Promise<void> {
  if (data === undefined || out === undefined)
    throw new ServerError(
      "badRequest",
      "say what to write and where to: export rigs, sites or samples, --out FILE that ends in .csv or .parquet",
    );
  const params = {
    data,
    out: resolve(out),
    ...(site !== undefined && { site }),
    ...(from !== undefined && { fromMs: msOf("--from", from) }),
    ...(to !== undefined && { toMs: msOf("--to", to) }),
  };
  const { said } = await runJob(command.api, "export", params, command);
  for (const line of said) command.out(line);
}

function msOf(option: string, text: string): number {
  const read = instant.safeParse(text);
  if (read.success) return read.data;
  throw new ServerError("badRequest", `${option}: "${text}" ${read.error.issues[0]!.message}`);
}
