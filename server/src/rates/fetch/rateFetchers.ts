import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { TargetGuard } from "../../alerts/notifiers/targetGuard.js";
import { ServerError } from "../../error.js";
import type { RateSeries } from "../rateSeries.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import { slotsProblem } from "../seriesName.js";
import { afterSilence } from "./afterSilence.js";
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
  /** Who names it: the config, or the settings. */
  from: "config" | "settings";
  series: readonly string[];
  everyMs: number;
  /** Sites that its figures are for; empty where it names none. */
  sites: readonly string[];
  attribution?: string;
  /** When it last gave figures; null before the first time in this life of the server. */
  succeededMs: number | null;
  /** What went wrong last, and since when nothing works; null while it works. */
  problem: { text: string; sinceMs: number } | null;
  /** The last failure, past or present; null where none was in this life of the server. */
  lastError: { text: string; atMs: number } | null;
  nextMs: number | null;
}

/** A source that is named while the server runs. `says` is all that it is set to: where that is the same, it goes on. */
export interface NamedSource {
  id: string;
  says: string;
  make(): RateFetcher;
}

interface Running {
  fetcher: RateFetcher;
  /** What it was set to; undefined for one of the config. */
  says: string | undefined;
  http: SourceHttp;
  abort: AbortController;
  loop: Promise<void> | undefined;
  lastError: { text: string; atMs: number } | null;
  succeededMs: number | null;
  /** When it last gave each series. */
  givenMs: Map<string, number>;
  problem: { text: string; sinceMs: number } | null;
  nextMs: number | null;
  failures: number;
  /** The last failure is one that may pass by itself. */
  mayPass: boolean;
}

/**
 * Asks every source of config and settings in its turn and puts what they give into the series. What goes wrong is told by the
 * source's status and once in the log; what was known before stays, with its age.
 */
export class RateFetchers {
  #sources: Running[];
  readonly #abort = new AbortController();
  #begun = false;
  /** Loops of sources that are gone and not over yet. */
  readonly #ending = new Set<Promise<void>>();

  constructor(
    fetchers: readonly RateFetcher[],
    private readonly parts: {
      series: Pick<RateSeries, "putAll" | "last">;
      clock: Clock;
      log: Pick<Logger, "info" | "warn">;
      /** 0–1; for waits that differ. */
      random?: () => number;
      /** Keeps what sources of the settings are asked by off private addresses; absent = they may lead anywhere. */
      guard?: TargetGuard | undefined;
      /** Keeps what a pool credited to an account of a site. */
      payouts?: RateQuestion["payouts"];
    },
  ) {
    this.#sources = fetchers.map((fetcher) => this.#running(fetcher, undefined));
  }

  #running(fetcher: RateFetcher, says: string | undefined): Running {
    return {
      fetcher,
      says,
      http: new SourceHttp(this.parts.clock, {
        guard: says === undefined ? undefined : this.parts.guard,
        limits: fetcher.limits,
      }),
      abort: new AbortController(),
      loop: undefined,
      succeededMs: null,
      givenMs: new Map(),
      problem: null,
      lastError: null,
      nextMs: null,
      failures: 0,
      mayPass: true,
    };
  }

  start(): void {
    for (const source of this.#sources) source.loop ??= this.#loop(source, SPREAD_MS * this.#random());
  }

  /** Asks these beside the sources of the config from now on, and those of the settings that are not among them no more. */
  follow(named: readonly NamedSource[]): void {
    const wanted = new Map(named.map((source) => [source.id, source]));
    const kept = this.#sources.filter((source) => {
      const stays = source.says === undefined || wanted.get(source.fetcher.id)?.says === source.says;
      if (!stays) this.#end(source);
      return stays;
    });
    const settled = new Map(
      kept.flatMap((source) => (source.says === undefined ? [] : [[source.fetcher.id, source]])),
    );
    // Of two that give the same the config's counts, then that of the settings whose name comes first.
    const own = kept.filter(({ says, fetcher }) => says === undefined && fetcher.own);
    const configured = kept.filter(({ says, fetcher }) => says === undefined && !fetcher.own);
    const ofSettings = named.map(({ id, says, make }) => settled.get(id) ?? this.#running(make(), says));
    this.#sources = [...configured, ...ofSettings, ...own];
    // Whoever has just named one waits for it; at a start there may be many.
    const spreadMs = this.#begun ? 0 : SPREAD_MS;
    for (const source of ofSettings) source.loop ??= this.#loop(source, spreadMs * this.#random());
    this.#begun = true;
  }

  #end(source: Running): void {
    source.abort.abort(new Error("the source is gone"));
    const { loop } = source;
    if (!loop) return;
    this.#ending.add(loop);
    void loop.finally(() => this.#ending.delete(loop));
  }

  /** How each source is: those of the config in its order, then those of the settings by name. */
  status(): FetcherStatus[] {
    const told = this.#sources.filter(({ fetcher, problem }) => !fetcher.own || problem);
    return told.map(({ fetcher, says, succeededMs, problem, lastError, nextMs }) => ({
      id: fetcher.id,
      kind: fetcher.kind,
      from: says === undefined ? "config" : "settings",
      series: fetcher.series,
      everyMs: fetcher.everyMs,
      sites: fetcher.sites ?? [],
      ...(fetcher.attribution !== undefined && { attribution: fetcher.attribution }),
      succeededMs,
      problem,
      lastError,
      nextMs,
    }));
  }

  async close(): Promise<void> {
    this.#abort.abort(new Error("the server ends"));
    for (const { abort } of this.#sources) abort.abort(this.#abort.signal.reason);
    await Promise.all([...this.#ending, ...this.#sources.map(({ loop }) => loop)]);
  }

  async #loop(source: Running, firstMs: number): Promise<void> {
    const { signal } = source.abort;
    try {
      await this.#wait(source, firstMs);
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
    await this.parts.clock.sleep(ms, source.abort.signal);
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
        ...(this.parts.payouts && { payouts: this.parts.payouts }),
      };
      const given = await fetcher.fetch(question, source.abort.signal);
      // What comes after a source has gone is nobody's.
      source.abort.signal.throwIfAborted();
      const refused = given
        .map((part) => slotsProblem(part.series, part.slots))
        .find((problem) => problem !== undefined);
      if (refused !== undefined) throw new ServerError("sourceFailed", refused, { retryable: true });
      const told = given.filter((part) => part.slots.length);
      const counting = told.filter((part) => this.#counts(source, part));
      await series.putAll(counting.map((part) => afterSilence(part, series.last(part.series))));
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
      if (source.abort.signal.aborted) throw error;
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
      source.lastError = { text, atMs: clock.nowMs() };
      source.failures++;
      source.mayPass = !(error instanceof ServerError) || error.retryable;
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

  #pauseMs({ fetcher, http, failures, mayPass }: Running): number {
    const vary = 1 + JITTER * this.#random();
    const asked = http.takeWaitMs() ?? 0;
    if (failures === 0) return Math.max(fetcher.everyMs * vary, asked);
    const longest = Math.max(RETRY_MS, Math.min(fetcher.everyMs, MAX_RETRY_MS));
    const again = mayPass ? Math.min(RETRY_MS * 2 ** (failures - 1), longest) : longest;
    return Math.max(again, asked) * vary;
  }

  #random(): number {
    return (this.parts.random ?? Math.random)();
  }
}
