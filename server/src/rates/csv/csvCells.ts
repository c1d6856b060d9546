/** The cells of a line, trimmed; a quoted one may hold separators and doubled quotes. Undefined where a quote has no end. */
export function csvCells(line: string, separator: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ; ) {
    if (line[at] === '"') {
      let cell = "";
      for (at++; ; at++) {
        if (at >= line.length) return undefined;
        if (line[at] !== '"') cell += line[at];
        else if (line[at + 1] === '"') cell += line[at++];
        else break;
      }
      at++;
      if (at < line.length && line[at] !== separator) return undefined;
      cells.push(cell.trim());
    } else {
      const end = line.indexOf(separator, at);
      cells.push(line.slice(at, end < 0 ? undefined : end).trim());
      at = end < 0 ? line.length : end;
    }
    if (at >= line.length) return cells;
    at++;
  }
}
