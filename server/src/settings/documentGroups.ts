import type { StoredDocument } from "../store/state/documents.js";

/** What documents that are looked at together have in common. */
type Group = Pick<StoredDocument, "kind" | "site">;

export const groupOf = ({ kind, site }: Group): string => `${kind}\n${site}`;

/** Documents by their kind and site, as {@link groupOf} writes them. */
export function documentGroups(documents: Iterable<StoredDocument>): Map<string, StoredDocument[]> {
  const groups = new Map<string, StoredDocument[]>();
  for (const document of documents) {
    const group = groups.get(groupOf(document));
    if (group) group.push(document);
    else groups.set(groupOf(document), [document]);
  }
  return groups;
}
