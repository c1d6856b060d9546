/** A text as SQL writes it, or NULL. */
export const quoted = (text: string | undefined | null): string =>
  text === undefined || text === null ? "NULL" : `'${text.replaceAll("'", "''")}'`;
