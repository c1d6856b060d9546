import { z } from "zod";
import { ServerError } from "../error.js";
import { type SourceConfig, sourceSchema } from "../rates/fetch/registry.js";
import type { KeyRef } from "../rates/fetch/sourceSchema.js";
import { Secret } from "../secret.js";
import { readSecret } from "./secretFile.js";

/** Who is asked for prices, figures of the network, exchange rates and carbon; of two that give the same the first counts. */
export const sourcesSchema = z
  .array(sourceSchema)
  .max(100)
  .superRefine((sources, context) => {
    const seen = new Set<string>();
    for (const [i, source] of sources.entries()) {
      const wrong = (key: string, message: string) =>
        context.addIssue({ code: "custom", path: [i, key], message });
      if (seen.has(source.id)) wrong("id", `${source.id} is there twice; keep one`);
      seen.add(source.id);
      if (source.kind === "csv" && (source.file === undefined) === (source.url === undefined))
        wrong("file", "must name either file or url");
      if (source.kind === "bitcoin-core" && (source.user === undefined) !== (source.password === undefined))
        wrong("user", "must come with password, or use cookieFile");
    }
  })
  .default([]);

/** The keys of a source that refer to secrets. */
function refsOf(source: SourceConfig): [string, KeyRef][] {
  return Object.entries(source).filter(
    (entry): entry is [string, KeyRef] =>
      ["key", "password"].includes(entry[0]) && typeof entry[1] === "object",
  );
}

/** Reads what the references of sources name. Throws ServerError `config` for a variable that is not set, or a file without it. */
export function readSourceKeys(
  sources: readonly SourceConfig[],
  from: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const [i, source] of sources.entries())
    for (const [name, ref] of refsOf(source)) {
      const place = `${from}: sources[${i}].${name}`;
      const text = ref.env === undefined ? undefined : env[ref.env];
      if (ref.env !== undefined && !text)
        throw new ServerError("config", `${place}.env: the variable ${ref.env} is not set`);
      const secret =
        text === undefined
          ? readSecret({ place, key: name, secret: undefined, file: ref.file, filePlace: `${place}.file` })
          : new Secret(text);
      if (secret) ref.secret = secret;
    }
}
