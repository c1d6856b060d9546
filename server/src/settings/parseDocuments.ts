import { checked } from "@hashwatt/protocol/checked";
import type { z } from "zod";
import type { StoredDocument } from "../store/state/documents.js";
import type { SiteRecord } from "../store/state/state.js";
import type { Defect, DocumentKind, Parsed } from "./documentKind.js";
import { issueText } from "./issueText.js";

/** What documents were read as: they are kept as they are, and a list of them is looked at often. */
const read = new WeakMap<StoredDocument, z.ZodSafeParseResult<unknown>>();

function parsedOf<T>(schema: z.ZodType<T>, document: StoredDocument): z.ZodSafeParseResult<T> {
  let result = read.get(document) as z.ZodSafeParseResult<T> | undefined;
  if (!result) {
    result = checked(schema, document.body) as z.ZodSafeParseResult<T>;
    read.set(document, result);
  }
  return result;
}

/** The documents of one kind and site that have its shape, and what is wrong with each, among each other too. */
export function parseDocuments<T>(
  kind: DocumentKind<T>,
  documents: readonly StoredDocument[],
  site: SiteRecord | undefined,
): { parsed: Parsed<T>[]; defects: Defect[] } {
  const parsed: Parsed<T>[] = [];
  const defects: Defect[] = [];
  for (const document of documents) {
    const { id } = document;
    const key = { kind: document.kind, site: document.site, id };
    const result = parsedOf(kind.schema, document);
    if (!result.success) {
      for (const issue of result.error.issues)
        defects.push({
          ...key,
          path: pathText(issue.path),
          message: issueText(issue, kind.schema, document.body),
        });
      continue;
    }
    const own = kind.idOf?.(result.data) ?? id;
    if (own !== id) defects.push({ ...key, path: "id", message: `is "${own}", and it is put as "${id}"` });
    parsed.push({ id, value: result.data });
  }
  for (const defect of kind.defects?.(parsed, { site }) ?? [])
    defects.push({ kind: kind.kind, site: documents[0]?.site ?? "", ...defect });
  return { parsed, defects };
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}${text && "."}${String(part)}`),
    "",
  );
