import { readFileSync } from "node:fs";
import {
  type RegisterEntry,
  registerEntrySchema,
  registerImportSchema,
  registerViewSchema,
} from "@hashwatt/protocol/register";
import { z } from "zod";
import { ServerError } from "../error.js";
import { registerCsv } from "../register/csv.js";
import type { JobCommand } from "./jobCommands.js";

const wrong = (message: string): ServerError => new ServerError("badRequest", message);

/** `register import FILE | export | list | missing | unexpected | set ID STATE | remove ID`, at the running server. */
export async function registerCommand({ api, out }: JobCommand, words: readonly string[]): Promise<void> {
  const [verb = "list", what, state] = words;
  const view = () => api.ask("GET", "/api/register", registerViewSchema);
  switch (verb) {
    case "import": {
      if (what === undefined) throw wrong("say which file: register import rigs.csv");
      const done = await api.ask("POST", "/api/register", registerImportSchema, { csv: textOf(what) });
      return out(
        `${done.added} added, ${done.changed} changed, ${done.same} as they were; ${done.total} rigs are expected`,
      );
    }
    case "export":
      return out(registerCsv((await view()).entries).trimEnd());
    case "list":
    case "missing": {
      const { entries } = await view();
      const shown = entries.filter(
        (entry) => verb === "list" || (entry.state === "active" && entry.presence !== "present"),
      );
      for (const entry of shown) out(entryLine(entry));
      if (!shown.length) out(verb === "list" ? "no rig is expected: import a register" : "no rig is missing");
      return;
    }
    case "unexpected": {
      const { unexpected } = await view();
      for (const { id, name, site, address, model, why } of unexpected)
        out(
          `${id} ${name} at ${address}, ${site}${model === null ? "" : `, ${model}`}: ${why === "retired" ? "retired, and answers" : "in no entry"}`,
        );
      if (!unexpected.length) out("no rig is unexpected");
      return;
    }
    case "set": {
      if (what === undefined || state === undefined)
        throw wrong("say which and what: register set e7 repair");
      return out(
        entryLine(
          await api.ask("PATCH", `/api/register/${encodeURIComponent(what)}`, registerEntrySchema, { state }),
        ),
      );
    }
    case "remove": {
      if (what === undefined) throw wrong("say which: register remove e7");
      const { id } = await api.ask(
        "DELETE",
        `/api/register/${encodeURIComponent(what)}`,
        z.object({ id: z.string() }),
      );
      return out(`${id} is expected no more; what was measured of it stays`);
    }
    default:
      throw wrong(
        `there is no "register ${verb}"; there are import, export, list, missing, unexpected, set, remove`,
      );
  }
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

const entryLine = ({ id, site, state, presence, rigs, ...entry }: RegisterEntry): string => {
  const place = (["row", "rack", "position"] as const).flatMap((key) =>
    entry[key] ? [`${key} ${entry[key]}`] : [],
  );
  const known = entry.name ?? entry.mac ?? entry.serial ?? entry.address ?? entry.worker ?? "";
  return [`${id} ${known}: ${state}, ${presence}`, ...rigs, site, ...place].join(", ");
};
