/** What a site, an agent or a handle may be called: it becomes a level of an MQTT topic. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Turns any name into a slug: lower case, other characters become single hyphens. Throws on a name that leaves nothing. */
export function toSlug(name: string): string {
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
  if (!SLUG.test(slug))
    throw new RangeError(`"${name}" has no letter or digit of a–z, 0–9 to make a name of`);
  return slug;
}
