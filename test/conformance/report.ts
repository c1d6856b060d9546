import type { Graded, Mark } from "./marks.js";
import type { Result } from "./readCaptures.js";

export interface Score {
  asserted: number;
  right: number;
  missing: number;
  /** Read otherwise than vouched for, wrong by unit among them. */
  wrong: number;
}

export function scoreOf(marks: readonly Graded[]): Score {
  const count = (...kinds: Mark[]) => marks.filter(({ mark }) => kinds.includes(mark)).length;
  return {
    asserted: marks.length,
    right: count("right"),
    missing: count("missing"),
    wrong: count("wrong", "unit"),
  };
}

const percent = ({ asserted, right }: Score): string =>
  asserted ? `${((right / asserted) * 100).toFixed(1)} %` : "–";

/** One line for each capture, what is missing or wrong below it, and the whole at the end. */
export function report(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const { id, printed, failure, marks } of results) {
    const score = scoreOf(marks);
    lines.push(
      [
        id.padEnd(42),
        (printed?.dialect ?? "no reading").padEnd(18),
        `${score.right}/${score.asserted}`.padStart(8),
        percent(score).padStart(8),
      ].join(" "),
    );
    if (failure !== undefined) lines.push(`    ${failure}`);
    const missing = marks.filter(({ mark }) => mark === "missing");
    if (missing.length) lines.push(`    not read: ${missing.map(({ field }) => field).join(", ")}`);
    for (const { field, mark, want, got } of marks)
      if (mark === "wrong" || mark === "unit")
        lines.push(
          `    ${mark === "unit" ? "WRONG BY UNIT" : "WRONG"}: ${field}: ${JSON.stringify(got)} for ${JSON.stringify(want)}`,
        );
  }
  const all = scoreOf(results.flatMap(({ marks }) => marks));
  lines.push(
    "",
    `${results.length} captures, ${results.filter(({ printed }) => printed).length} read; of ${all.asserted} asserted values ${all.right} right (${percent(all)}), ${all.missing} not read, ${all.wrong} wrong`,
  );
  return lines.join("\n");
}
