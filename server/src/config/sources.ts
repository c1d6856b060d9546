import { z } from "zod";
import { ServerError } from "../error.js";
import { type SourceConfig, sourceProblem, sourceSchema } from "../rates/fetch/registry.js";
import { refsOf } from "../rates/fetch/sourceSchema.js";
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
      const problem = sourceProblem(source);
      if (problem) wrong(problem.key, problem.message);
    }
  })
  .default([]);

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
