import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { ServerError } from "../../error.js";
import type { RateSeries } from "../rateSeries.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import { slotsProblem } from "../seriesName.js";
import type { RateFetcher, RateQuestion } from "./rateFetcher.js";
import { SourceHttp } from "./sourceHttp.js";

/** The first wait after a failure; each further one is twice as long, up to the usual interval or an hour. */
const RETRY_MS = 30_000;
const MAX_RETRY_MS = 3_600_000;
/** The first questions of all sources are spread over so long. */
const SPREAD_MS = 2_000;
/** Waits vary by so much, so that many installations do not ask at once. */
const JITTER = 0.1;
/** A source counts as working for so many of its intervals after its last answer. */
const INTERVALS = 3;

/** How a source is. */
export interface FetcherStatus {
  id: string;
  kind: string;
  series: readonly string[];
  everyMs: number;
  attribution?: string;
  /** When it last gave figures; null before the first time in this life of the server. */
  succeededMs: number | null;
  /** What went wrong last, and since when nothing works; null while it works. */
  problem: { text: string; sinceMs: number } | null;
  nextMs: number | null;
}

interface Running {
  fetcher: RateFetcher;
  http: SourceHttp;
  succeededMs: number | null;
  /** When it last gave each series. */
  givenMs: Map<string, number>;
  problem: { text: string; sinceMs: number } | null;
  nextMs: number | null;
  failures: number;
}

/**
 * Asks every source of the config in its turn and puts what they give into the series. What goes wrong is told by the source's
 * status and once in the log; what was known before stays, with its age.
 */
export class RateFetchers {
  readonly #sources: Running[];
  readonly #abort = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(
    fetchers: readonly RateFetcher[],
    private readonly parts: {
      series: Pick<RateSeries, "putAll" | "last">;
      clock: Clock;
      log: Pick<Logger, "info" | "warn">;
      /** 0–1; for waits that differ. */
      random?: () => number;
    },
  ) {
    this.#sources = fetchers.map((fetcher) => ({
      fetcher,
      http: new SourceHttp(parts.clock),
      succeededMs: null,
      givenMs: new Map(),
      problem: null,
      nextMs: null,
      failures: 0,
    }));
  }

  start(): void {
    this.#loops = this.#sources.map((source) => this.#loop(source));
  }

  /** How each source is, in the order of the config. */
  status(): FetcherStatus[] {
    const told = this.#sources.filter(({ fetcher, problem }) => !fetcher.own || problem);
    return told.map(({ fetcher, succeededMs, problem, nextMs }) => ({
      id: fetcher.id,
      kind: fetcher.kind,
      series: fetcher.series,
      everyMs: fetcher.everyMs,
      ...(fetcher.attribution !== undefined && { attribution: fetcher.attribution }),
      succeededMs,
      problem,
      nextMs,
    }));
  }

  async close(): Promise<void> {
    this.#abort.abort(new Error("the server ends"));
    await Promise.all(this.#loops);
  }

  async #loop(source: Running): Promise<void> {
    const { signal } = this.#abort;
    try {
      await this.#wait(source, SPREAD_MS * this.#random());
      while (!signal.aborted) {
        await this.#ask(source);
        await this.#wait(source, this.#pauseMs(source));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      source.nextMs = null;
    }
  }

  async #wait(source: Running, ms: number): Promise<void> {
    source.nextMs = this.parts.clock.nowMs() + ms;
    await this.parts.clock.sleep(ms, this.#abort.signal);
  }

  /** Asks one source once, and keeps what it gives. */
  async #ask(source: Running): Promise<void> {
    const { series, clock, log } = this.parts;
    const { fetcher, http } = source;
    try {
      const lacking: string[] = [];
      const question: RateQuestion = {
        nowMs: clock.nowMs(),
        last: (name) => series.last(name),
        http,
        lacks: (what) => void lacking.push(what),
      };
      const given = await fetcher.fetch(question, this.#abort.signal);
      const refused = given
        .map((part) => slotsProblem(part.series, part.slots))
        .find((problem) => problem !== undefined);
      if (refused !== undefined) throw new ServerError("sourceFailed", refused, { retryable: true });
      const told = given.filter((part) => part.slots.length);
      await series.putAll(told.filter((part) => this.#counts(source, part)));
      for (const part of told) source.givenMs.set(part.series, clock.nowMs());
      if (lacking.length) throw new ServerError("sourceFailed", lacking.join("; "), { retryable: true });
      if (source.problem)
        log.info(
          { source: fetcher.id, afterMs: clock.nowMs() - source.problem.sinceMs },
          "source of rates is back",
        );
      source.succeededMs = clock.nowMs();
      source.problem = null;
      source.failures = 0;
    } catch (error) {
      if (this.#abort.signal.aborted) throw error;
      const text =
        error instanceof ServerError || error instanceof RangeError
          ? error.message
          : "failed; this is a defect";
      if (!source.problem)
        log.warn(
          { source: fetcher.id, why: text, ...(error instanceof ServerError ? {} : { err: error }) },
          "source of rates gives nothing",
        );
      source.problem = { text, sinceMs: source.problem?.sinceMs ?? clock.nowMs() };
      source.failures++;
    }
  }

  /** Of two that give the same series the earlier in the config counts while it works. */
  #counts(source: Running, { series }: SeriesSlots): boolean {
    const nowMs = this.parts.clock.nowMs();
    for (const other of this.#sources) {
      if (other === source) return true;
      const givenMs = other.givenMs.get(series);
      if (givenMs !== undefined && nowMs - givenMs < INTERVALS * other.fetcher.everyMs) return false;
    }
    return true;
  }

  #pauseMs({ fetcher, http, failures }: Running): number {
    const vary = 1 + JITTER * this.#random();
    const asked = http.takeWaitMs() ?? 0;
    if (failures === 0) return Math.max(fetcher.everyMs * vary, asked);
    const longest = Math.max(RETRY_MS, Math.min(fetcher.everyMs, MAX_RETRY_MS));
    return Math.max(Math.min(RETRY_MS * 2 ** (failures - 1), longest), asked) * vary;
  }

  #random(): number {
    return (this.parts.random ?? Math.random)();
  }
}
