import { type JobView, jobViewSchema } from "@hashwatt/protocol/jobs";
import { z } from "zod";
import { ServerError } from "../error.js";
import { etaMs } from "./eta.js";
import type { JobKind, JobParts } from "./job.js";

/** Jobs that are remembered; the oldest make room. */
const MAX_REMEMBERED = 20;
/** Setting that holds them, so that a server that was started anew knows what its former life did not finish. */
const SETTING = "jobs";
const SERVER_ENDED = "the server ended before the job had; start it again, it goes on where it can";

/** A job of this life of the server. */
interface Running {
  view: JobView;
  /** What was done when it first said so, and when: a job that goes on where another stopped does not begin at 0. */
  first?: { done: number; atMs: number };
  abort: AbortController;
  ended: Promise<void>;
}

/**
 * The long work of the server: backups and copies, one of each kind at a time, each with progress, an end that is told and
 * a way to cancel it.
 */
export class Jobs {
  readonly #kinds: ReadonlyMap<string, JobKind>;
  readonly #running = new Map<string, Running>();
  /** Newest first. */
  #views: JobView[] = [];
  #closing = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    kinds: readonly JobKind[],
    private readonly parts: JobParts,
    /** Hears of every job that has ended. */
    private readonly ended: (view: JobView) => void = () => undefined,
  ) {
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]));
  }

  /** Reads what former lives of the server did; call it once, before the first job. */
  async load(): Promise<void> {
    const text = await this.parts.state.setting(SETTING);
    const parsed = text === undefined ? undefined : z.array(jobViewSchema).safeParse(tryJson(text));
    this.#views = (parsed?.data ?? []).map((view) =>
      view.state === "running"
        ? {
            ...view,
            state: "failed" as const,
            endedMs: view.endedMs ?? null,
            etaMs: null,
            error: SERVER_ENDED,
          }
        : view,
    );
  }

  /** Every remembered job, newest first. */
  list(): JobView[] {
    return this.#views.map((view) => this.#shown(view));
  }

  /** Throws ServerError `notFound`. */
  get(id: string): JobView {
    const view = this.#views.find((each) => each.id === id);
    if (!view) throw new ServerError("notFound", `There is no job "${id.slice(0, 100)}"; see /api/jobs`);
    return this.#shown(view);
  }

  /**
   * Starts a job; resolves as soon as it runs. Throws ServerError `jobRunning` while another of its kind does, and whatever
   * the kind's own check refuses.
   */
  async start(name: string, params: unknown): Promise<JobView> {
    const kind = this.#kinds.get(name);
    if (!kind)
      throw new ServerError(
        "notFound",
        `There is no job of kind "${name.slice(0, 100)}"; there are ${[...this.#kinds.keys()].join(", ")}`,
      );
    this.#refuseSecond(kind);
    await kind.check?.(params, this.parts);
    // Another one may have begun during the check.
    this.#refuseSecond(kind);
    const view: JobView = {
      id: `${name}-${1 + Math.max(0, ...this.#views.map(({ id }) => numberOf(id, name)))}`,
      kind: name,
      state: "running",
      startedMs: this.parts.clock.nowMs(),
      endedMs: null,
      params: kind.shown(params),
      progress: { done: 0, total: null, unit: kind.unit },
      etaMs: null,
      said: [],
      error: null,
    };
    this.#views = [view, ...this.#views].slice(0, MAX_REMEMBERED);
    const running: Running = { view, abort: new AbortController(), ended: Promise.resolve() };
    this.#running.set(name, running);
    this.parts.log.info({ job: view.id, params: view.params }, "job started");
    // Saved before it does anything: a server that is killed now knows of it when it starts again.
    const saved = this.#save();
    running.ended = saved.then(() => this.#work(kind, params, running));
    await saved;
    return this.#shown(view);
  }

  #refuseSecond({ kind }: JobKind): void {
    if (this.#closing) throw new ServerError("jobRunning", "The server is ending");
    const other = this.#running.get(kind);
    if (other)
      throw new ServerError(
        "jobRunning",
        `${other.view.id} is still running; wait for its end or cancel it with DELETE /api/jobs/${other.view.id}`,
      );
  }

  async #work(kind: JobKind, params: unknown, running: Running): Promise<void> {
    const { view, abort } = running;
    const { clock, log } = this.parts;
    try {
      abort.signal.throwIfAborted();
      view.said = await kind.run(params, this.parts, {
        signal: abort.signal,
        progress: (done, total, note) => {
          running.first ??= { done, atMs: clock.nowMs() };
          view.progress = {
            done,
            total: total ?? null,
            unit: kind.unit,
            ...(note !== undefined && { note }),
          };
        },
      });
      view.state = "done";
    } catch (error) {
      const { aborted, reason } = abort.signal;
      view.state = aborted && !this.#closing ? "cancelled" : "failed";
      view.error = aborted ? (reason as Error).message : failure(error);
      if (!aborted) log.error({ err: error, job: view.id }, "job failed");
    }
    view.endedMs = clock.nowMs();
    this.#running.delete(kind.kind);
    log.info({ job: view.id, state: view.state }, "job ended");
    await this.#save();
    this.ended(view);
  }

  /** Asks a job to end; one that has ended stays as it is. Throws ServerError `notFound`. */
  async cancel(id: string): Promise<JobView> {
    this.get(id);
    const running = [...this.#running.values()].find(({ view }) => view.id === id);
    running?.abort.abort(new Error("cancelled by the operator"));
    await running?.ended;
    return this.get(id);
  }

  /** Cancels what runs and waits until it has ended; nothing can be started any more. */
  async close(): Promise<void> {
    this.#closing = true;
    const all = [...this.#running.values()];
    for (const { abort } of all) abort.abort(new Error(SERVER_ENDED));
    await Promise.all(all.map(({ ended }) => ended));
    await this.#saving;
  }

  /** Never rejects: a job does not depend on being remembered. */
  #save(): Promise<void> {
    const text = JSON.stringify(this.#views);
    this.#saving = this.#saving
      .then(() => this.parts.state.putSetting(SETTING, text))
      .catch((error: unknown) => this.parts.log.warn({ err: error }, "jobs not saved"));
    return this.#saving;
  }

  #shown(view: JobView): JobView {
    const running = this.#running.get(view.kind);
    const eta = running?.view === view ? etaMs(view.progress, running.first, this.parts.clock.nowMs()) : null;
    return { ...structuredClone(view), etaMs: eta };
  }
}

/** One line about the end of a job. */
export const sayEnd = ({ id, state, said, error }: JobView): string =>
  `${id} ${state}: ${error ?? said.join("; ")}`;

const failure = (error: unknown): string =>
  error instanceof ServerError
    ? error.message
    : `failed, and the server's log says why (${error instanceof Error ? error.message : String(error)})`;

const numberOf = (id: string, kind: string): number =>
  id.startsWith(`${kind}-`) ? Number(id.slice(kind.length + 1)) || 0 : 0;

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What cannot be read is a list that nobody needs to go on.
    return undefined;
  }
}
