import type { InfluxClient } from "./client.js";
import { failure } from "./failure.js";
import type { HttpAnswer } from "./http.js";
import { joined, type Lines, listOf } from "./lineText.js";
import { Turns } from "./turns.js";
import { judgeWrite, type RefusedLine, type WriteVerdict } from "./writeAnswer.js";

/** Lines that are given up: none of them is in the InfluxDB, and none will be. */
export interface LostLines {
  database: string;
  /** How many. InfluxDB 1.x tells of one reason at a time, so that it may be more. */
  count: number;
  why: string;
  /** Those of `count` that are known. */
  lines: readonly string[];
}

/** Failures in a row that no overload explains, before a body is taken apart to see whether one of its lines is at fault. */
const SUSPECT_AFTER = 3;
/** So many refusals by an InfluxDB that has never taken a line: no line is at fault. */
const HOPELESS = 32;
/** Refusals in a row after which an InfluxDB must show once more that it takes lines at all. */
const PROVE_AFTER = 8;
/** Times that a body is sent again without lines that were named. */
const MAX_TRIMS = 16;

/** A body of lines on its way. */
interface Body {
  database: string;
  lines: readonly string[];
}

/** What became of a body. */
interface Refusal {
  verdict: WriteVerdict;
  answer: HttpAnswer;
}

/** A line that was refused alone; `failed` when the server may be at fault. */
interface Doubtful extends RefusedLine {
  failed: boolean;
}

/**
 * Writes lines of any number: in bodies of bounded size, of which a bounded number is under way. It resolves, with what was
 * lost, when every line is stored or given up; and rejects, retryably, when the InfluxDB is at fault. Then the same lines may
 * be written again, for a point that is written twice is the same point.
 *
 * A line is given up only when the InfluxDB names it, or counts it while it stores the others; or when it refuses that line
 * alone again and again and takes another one in between, of the same hour or with a number of that line itself: a shard that
 * cannot be written to is no fault of its lines.
 */
export class InfluxWriter {
  readonly #turns: Turns;
  /** A line that each database has taken: whether it takes it again tells whether a refusal is the fault of what was refused. */
  readonly #taken = new Map<string, string>();
  /** Failures in a row that no overload explains. */
  #suspect = 0;

  constructor(
    private readonly client: InfluxClient,
    /** Makes a database ready that the InfluxDB says it does not have. */
    private readonly renew: (database: string) => Promise<void>,
  ) {
    this.#turns = new Turns(client.config.maxInFlight);
  }

  /** Writes lines with times in ms. */
  write(database: string, lines: readonly string[]): Promise<LostLines[]> {
    const { batchLines } = this.client.config;
    const parts: Lines[] = [];
    for (let first = 0; first < lines.length; first += batchLines)
      parts.push((into) => {
        const end = Math.min(lines.length, first + batchLines);
        for (let at = first; at < end; at++) into.push(lines[at]!);
      });
    return this.writeParts(database, parts);
  }

  /**
   * As {@link write}, of lines that are made when it is their turn, and once more where something is wrong with them: while the
   * InfluxDB works on a body, its lines would take several times the memory of its text.
   */
  async writeParts(database: string, parts: readonly Lines[]): Promise<LostLines[]> {
    const lost: LostLines[] = [];
    const under = parts.map((part) => this.#turns.take(() => this.#part(database, part, lost)));
    // All are waited for: what is written again must not meet what is still under way.
    for (const end of await Promise.allSettled(under)) if (end.status === "rejected") throw end.reason;
    return lost;
  }

  async #part(database: string, lines: Lines, lost: LostLines[]): Promise<void> {
    const body = joined(lines);
    if (!body) return;
    const answer = await this.client.send(database, body.text);
    if (this.#judged({ database, lines: [body.last] }, answer).kind === "stored") return;
    return this.#body({ database, lines: listOf(lines) }, answer, lost);
  }

  /** Deals with a body that was not simply stored. */
  async #body(body: Body, first: HttpAnswer, lost: LostLines[]): Promise<void> {
    let { lines } = body;
    let renewed = false;
    let sent = { verdict: this.#judged(body, first), answer: first };
    for (let trims = 0; lines.length; sent = await this.#send({ ...body, lines })) {
      const { verdict, answer } = sent;
      if (verdict.kind === "missing" && !renewed) {
        renewed = true;
        await this.renew(body.database);
        continue;
      }
      if (verdict.kind === "refused" && verdict.refused.length && trims++ < MAX_TRIMS) {
        lines = without(lines, verdict.refused);
        give(lost, body.database, verdict.refused);
        if (!lines.length) return;
        continue;
      }
      if (this.#settled(body.database, verdict, lost)) return;
      if (verdict.kind === "missing" || (verdict.kind === "failed" && this.#isServers(verdict)))
        throw this.#failure(body.database, answer);
      return this.#takeApart({ ...body, lines }, sent, lost);
    }
  }

  /** Sends one body, and remembers what the database has taken. */
  async #send({ database, lines }: Body): Promise<Refusal> {
    const answer = await this.client.send(database, lines.join("\n"));
    return { verdict: this.#judged({ database, lines }, answer), answer };
  }

  #judged({ database, lines }: Body, answer: HttpAnswer): WriteVerdict {
    const verdict = judgeWrite(answer, lines);
    if (verdict.kind === "stored") this.#taken.set(database, lines.at(-1)!);
    if (verdict.kind !== "failed") this.#suspect = 0;
    return verdict;
  }

  /** Whether a body is dealt with: stored, but for what is given up. */
  #settled(database: string, verdict: WriteVerdict, lost: LostLines[]): boolean {
    if (verdict.kind === "stored") return true;
    if (verdict.kind !== "partial") return false;
    give(lost, database, verdict.refused);
    if (verdict.dropped > 0) lost.push({ database, count: verdict.dropped, why: verdict.why, lines: [] });
    return true;
  }

  /** Whether a failure is, or may yet be, the server's own: a line is suspected only after several in a row. */
  #isServers({ overload }: { overload: boolean }): boolean {
    if (overload) this.#suspect = 0;
    else this.#suspect++;
    return this.#suspect < SUSPECT_AFTER;
  }

  #failure(database: string, { status, body }: HttpAnswer): Error {
    return failure({ url: this.client.url, what: "write", database }, status, body, true);
  }

  /**
   * Sends ever smaller parts of a body that was refused whole, without a line named or for its size. What is refused alone is
   * given up once the database has shown that it takes another line there, and refuses this one still. That other lines are
   * taken is asked first, and again in between: a server that is ill is not sent thousands of bodies.
   */
  async #takeApart(body: Body, first: Refusal, lost: LostLines[]): Promise<void> {
    const { database } = body;
    const doubtful: Doubtful[] = [];
    /** A stored line of each hour: no shard is shorter. */
    const stored = new Map<number, string>();
    const prove = async (doubt: Doubtful | undefined): Promise<void> => {
      const known = this.#taken.get(database);
      const near = doubt && (stored.get(hourOf(doubt.line)) ?? (doubt.failed ? ownField(doubt.line) : known));
      const probe = near ?? known;
      if (probe === undefined) throw this.#failure(database, first.answer);
      const { verdict, answer } = await this.#send({ database, lines: [probe] });
      if (verdict.kind !== "stored") throw this.#failure(database, answer);
    };
    let refusals = 0;
    let inARow = 0;
    const refused = async (lines: readonly string[], { verdict, answer }: Refusal): Promise<void> => {
      if (lines.length === 1)
        return void doubtful.push({
          line: lines[0]!,
          why: reason(answer),
          failed: verdict.kind === "failed",
        });
      const middle = lines.length >> 1;
      await tryOut(lines.slice(0, middle));
      await tryOut(lines.slice(middle));
    };
    const tryOut = async (lines: readonly string[]): Promise<void> => {
      const sent = await this.#send({ database, lines });
      if (this.#settled(database, sent.verdict, lost)) {
        inARow = 0;
        if (sent.verdict.kind === "stored") for (const line of lines) stored.set(hourOf(line), line);
        return;
      }
      if (sent.verdict.kind === "missing" || (sent.verdict.kind === "failed" && sent.verdict.overload))
        throw this.#failure(database, sent.answer);
      if (!this.#taken.has(database) && ++refusals >= HOPELESS) throw this.#failure(database, sent.answer);
      if (++inARow >= PROVE_AFTER && this.#taken.has(database)) {
        inARow = 0;
        await prove(doubtful.at(-1));
      }
      await refused(lines, sent);
    };
    if (first.verdict.kind !== "tooLarge" && this.#taken.has(database)) await prove(undefined);
    await refused(body.lines, first);
    for (const doubt of doubtful) {
      await prove(doubt);
      const again = await this.#send({ database, lines: [doubt.line] });
      if (this.#settled(database, again.verdict, lost)) continue;
      if (again.verdict.kind === "failed" && again.verdict.overload)
        throw this.#failure(database, again.answer);
      give(lost, database, [doubt]);
    }
  }
}

const HOUR_MS = 3_600_000;
/** The hour that the time of a line lies in; NaN where it has none. */
const hourOf = (line: string): number => Math.floor(Number(line.slice(line.lastIndexOf(" ") + 1)) / HOUR_MS);

/**
 * A line with one number of its own: whether it is taken tells whether anything may be written where `line` lies. Not the
 * first, by which readings are found, so that no reading appears that is not whole. The line itself where it is no line.
 */
function ownField(line: string): string {
  const [, series, fields = "", time] = /^((?:\\.|[^ \\])+) (.+) (-?\d+)$/s.exec(line) ?? [];
  const numbers = [...fields.matchAll(/((?:\\.|[^=,\\])+)=("(?:\\.|[^"\\])*"|[^,"]*)(?:,|$)/gs)]
    .filter(([, , value]) => /^[-+.\deE]+$/.test(value!))
    .map(([, name, value]) => `${name}=${value}`);
  const field = numbers[1] ?? numbers[0];
  return field === undefined ? line : `${series} ${field} ${time}`;
}

const reason = ({ status, body }: HttpAnswer): string =>
  `${status} ${body.replace(/\s+/g, " ").slice(0, 200)}`;

const without = (lines: readonly string[], refused: readonly RefusedLine[]): string[] => {
  const gone = new Set(refused.map(({ line }) => line));
  return lines.filter((line) => !gone.has(line));
};

/** Adds lines that are given up, those with the same reason together. */
function give(lost: LostLines[], database: string, refused: readonly RefusedLine[]): void {
  const byReason = new Map<string, string[]>();
  for (const { line, why } of refused) {
    const lines = byReason.get(why);
    if (lines) lines.push(line);
    else byReason.set(why, [line]);
  }
  for (const [why, lines] of byReason) lost.push({ database, count: lines.length, why, lines });
}
