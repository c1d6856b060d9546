import { readFileSync } from "node:fs";
import { settingsImportSchema } from "@hashwatt/protocol/settings";
import { z } from "zod";
import { ServerError } from "../error.js";
import { importUrdb } from "../rates/tariffs/urdb.js";
import type { JobCommand } from "./jobCommands.js";

const wrong = (message: string): ServerError => new ServerError("badRequest", message);
/** Of a file with many errors so many are told. */
const MOST_ERRORS = 50;

/** `settings export | import FILE | check FILE`, at the running server. */
export async function settingsCommand({ api, out }: JobCommand, words: readonly string[]): Promise<void> {
  const [verb, file] = words;
  switch (verb) {
    case "export":
      return out((await api.ask("GET", "/api/settings/export.yaml", z.string())).trimEnd());
    case "import":
    case "check": {
      if (file === undefined) throw wrong(`say which file: settings ${verb} settings.yaml`);
      const done = await api.ask(
        "POST",
        `/api/settings/import?dryRun=${verb === "check"}`,
        settingsImportSchema,
        { yaml: textOf(file) },
      );
      for (const { line, path, message } of done.errors.slice(0, MOST_ERRORS))
        out(`${file}:${line ?? "?"}: ${path === "" ? "" : `${path}: `}${message}`);
      if (done.errors.length)
        throw wrong(
          `${file} has ${done.errors.length} ${done.errors.length === 1 ? "error" : "errors"}; nothing of it was taken`,
        );
      for (const { kind, site, id, change } of done.changes)
        if (change !== "same")
          out(
            `${kind} ${id}${site === "" || site === id ? "" : ` of ${site}`}: ${done.applied ? change : `would be ${change}`}`,
          );
      const same = done.changes.filter(({ change }) => change === "same").length;
      return out(`${same} as they were`);
    }
    default:
      throw wrong(
        `there is no "settings ${verb ?? ""}"; there are export, import FILE, check FILE and urdb FILE SITE`,
      );
  }
}

/** `settings urdb FILE SITE`: a rate of OpenEI's database as settings of a site in YAML, for `settings check` and `settings import`. */
export async function urdbCommand(
  out: (text: string) => void,
  file: string | undefined,
  site: string | undefined,
): Promise<void> {
  if (file === undefined || site === undefined)
    throw wrong("say which and for whom: settings urdb rate.json SITE");
  let json: unknown;
  try {
    json = JSON.parse(textOf(file));
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    throw wrong(`${file} is no JSON: ${(cause as Error).message}`);
  }
  const { tariff, notes, defects } = importUrdb(json);
  if (!tariff) {
    for (const defect of defects) out(`${file}: ${defect}`);
    throw wrong(`${file} cannot be read as a tariff; each line above names what is not supported`);
  }
  const { stringify } = await import("yaml");
  for (const note of notes) out(`# ${note}`);
  out(stringify({ hashwatt: 1, tariffs: { [site]: [tariff] } }, { lineWidth: 120 }).trimEnd());
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ServerError("badRequest", `cannot read ${file} (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}
