/** Says a line of a job that has tried a rule: of one alert its time and name stay, and its reason is said. */
export function tryLine(line: string, said: (text: string) => string): string {
  const alert = /^(\d{4}-\d\d-\d\dT\d\d:\d\d .+?: )(.+)$/s.exec(line);
  return alert ? alert[1]! + said(alert[2]!) : said(line);
}
