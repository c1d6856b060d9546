import type { AlertSubject, AlertView } from "@hashwatt/protocol/http";
import type { RollUpBook } from "./rollUps.js";

/** Members that a group names; the others are counted. */
const NAMED = 50;
/** A group that has grown to twice what was told is told again, and not sooner than this. */
const AGAIN_MS = 60_000;

/** Many alike alerts as one. It ends with the last of them. */
export class Group {
  readonly #members = new Map<string, AlertView>();
  #alert: AlertView;
  #changed = true;
  /** How many were told, and when. */
  #toldCount = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  private constructor(alert: AlertView) {
    this.#alert = alert;
  }

  /** A group that begins with an alert; `model` where all of it are of one, and it is about that. */
  static begun(first: AlertView, nowMs: number, model?: string): Group {
    const { rig: _, rigName: __, model: ___, partOf: ____, probableCause: _____, ...like } = first;
    const its = model === undefined ? "" : `-${model.replace(/[^A-Za-z0-9]+/g, "-")}`;
    return new Group({
      ...like,
      ...(model !== undefined && { model }),
      id: `group-${first.site}-${first.rule}${its}-${Math.floor(nowMs).toString(36)}`,
      subject: {
        kind: "group",
        id: `${first.site}/${first.rule}${model === undefined ? "" : `/${model}`}`,
        name: first.site,
      },
      firedMs: nowMs,
      members: { count: 0, peak: 0, subjects: [] },
    });
  }

  /** A group that was told before a restart. */
  static restored(alert: AlertView, members: readonly AlertView[]): Group {
    const group = new Group(alert);
    for (const member of members) group.join(member);
    group.#toldCount = alert.members?.peak ?? members.length;
    group.#toldMs = alert.firedMs ?? alert.pendingMs;
    return group;
  }

  get alert(): AlertView {
    return this.#alert;
  }

  join(alert: AlertView): void {
    this.#members.set(alert.id, alert);
    this.#changed = true;
  }

  leave(id: string): void {
    if (this.#members.delete(id)) this.#changed = true;
  }

  /** Brings up to date what it says. Returns whether it is another. */
  refresh(book: Pick<RollUpBook, "groupName">): boolean {
    if (!this.#changed) return false;
    this.#changed = false;
    const all = [...this.#members.values()];
    const first = all[0];
    if (!first) return false;
    const count = all.length;
    const peak = Math.max(count, this.#alert.members?.peak ?? 0);
    const losses = all.flatMap(({ lossPerH }) => (lossPerH === null ? [] : [lossPerH]));
    const { model } = this.#alert;
    const name = book.groupName(all.flatMap(({ rig }) => rig ?? []));
    const subject: AlertSubject = {
      ...this.#alert.subject,
      ...name,
      name: `${count} rigs${model === undefined ? "" : ` (${model})`}${name ? ` of ${name.name}` : ""}`,
    };
    this.#alert = {
      ...this.#alert,
      subject,
      members: { count, peak, subjects: all.slice(0, NAMED).map((member) => member.subject) },
      pendingMs: Math.min(this.#alert.pendingMs, ...all.slice(0, NAMED).map(({ pendingMs }) => pendingMs)),
      value: count,
      limit: null,
      unit: "rigs",
      lossPerH: losses.length ? losses.reduce((sum, loss) => sum + loss, 0) : null,
      reason: `${count} rigs; ${first.subject.name}: ${first.reason}`,
    };
    return true;
  }

  /** What is to be told now: that it has begun, has become twice as large, or is over; undefined where there is nothing new. */
  news(nowMs: number, book: Pick<RollUpBook, "groupName">): AlertView | undefined {
    if (!this.#members.size) {
      const { members, reason } = this.#alert;
      const ended = `${members?.peak ?? 0} rigs at most; ${reason.replace(/^\d+ rigs; /, "")}`;
      this.#alert = { ...this.#alert, state: "resolved", resolvedMs: nowMs, reason: ended };
      return this.#alert;
    }
    const first = this.#toldMs === Number.NEGATIVE_INFINITY;
    if (!first && (this.#members.size < 2 * this.#toldCount || nowMs - this.#toldMs < AGAIN_MS))
      return undefined;
    this.refresh(book);
    this.#toldCount = this.#members.size;
    this.#toldMs = nowMs;
    return this.#alert;
  }
}
