/** The topic that an ntfy URL names, and the path of the server before it; undefined for a URL that names none. */
export function ntfyTopic({ pathname }: URL): { topic: string; before: string } | undefined {
  const [encoded] = pathname.split("/").filter(Boolean).slice(-1);
  if (encoded === undefined) return undefined;
  try {
    return { topic: decodeURIComponent(encoded), before: pathname.slice(0, pathname.lastIndexOf(encoded)) };
  } catch {
    // A percent sign that begins no character.
    return undefined;
  }
}
