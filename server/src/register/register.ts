import {
  EXPECTED_NAMES,
  type ExpectedRig,
  expectedRigSchema,
  type RegisterImport,
} from "@hashwatt/protocol/register";
import { z } from "zod";
import { ServerError } from "../error.js";
import { StarPattern } from "../starPattern.js";
import type { RigRecord } from "../store/state/state.js";

/** A rig that is expected, with the number of its entry. */
export type Expected = ExpectedRig & Required<Pick<ExpectedRig, "site" | "state">> & { n: number };

/** What becomes of a rig that is told: its entry as it would be, or why it cannot be taken, and which of those told is the same rig. */
export type Outcome =
  | { n: number; becomes: "added" | "changed" | "same"; entry: Expected }
  | { refused: string; sameAs?: number };

/** The setting that keeps the register. */
export const REGISTER_SETTING = "register";
/** Rigs that a register holds. */
export const MAX_ENTRIES = 65_536;

const savedSchema = z.object({
  next: z.int(),
  entries: z.array(expectedRigSchema.required({ site: true, state: true }).extend({ n: z.int() })),
});

const DEFAULT_PORT = 4028;

/** The rigs that are expected, by what each is known. Pure: the caller keeps what {@link text} gives. */
export class Register {
  #next = 1;
  #entries = new Map<number, Expected>();
  /** Numbers of entries by `site kind value`. */
  #byName = new Map<string, number>();
  #patterns: { n: number; site: string; workers: StarPattern }[] = [];
  #sites = new Set<string>();

  /** Takes back what {@link text} gave. Throws ServerError `storeDamaged` for a text that is none. */
  restore(text: string): void {
    try {
      const { next, entries } = savedSchema.parse(JSON.parse(text));
      this.#next = next;
      this.#set(entries);
    } catch (cause) {
      throw new ServerError(
        "storeDamaged",
        `the setting ${REGISTER_SETTING} of the state file cannot be read: restore a backup`,
        { cause },
      );
    }
  }

  text(): string {
    return JSON.stringify({ next: this.#next, entries: [...this.#entries.values()] });
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): IterableIterator<Expected> {
    return this.#entries.values();
  }

  /** Whether anything is expected at a site: where not, nothing is unexpected. */
  knows(site: string): boolean {
    return this.#sites.has(site);
  }

  /** The entry of that number. Throws ServerError `notFound`. */
  entry(n: number): Expected {
    const found = this.#entries.get(n);
    if (!found)
      throw new ServerError("notFound", `There is no entry "e${n}" in the register; see /api/register`);
    return found;
  }

  /**
   * Adds rigs, or changes the entry that one of their names has already; what is not named stays. `site` is where a rig
   * stands that does not say. Throws ServerError `badRequest`, and then changes nothing.
   */
  put(rigs: readonly ExpectedRig[], site: string | undefined): RegisterImport {
    const held = [...this.#entries.values()];
    const next = new Map(this.#entries);
    const counts = { added: 0, changed: 0, same: 0 };
    let at = this.#next;
    for (const [i, outcome] of this.plan(rigs, site).entries()) {
      if ("refused" in outcome) throw wrong(i, outcome);
      counts[outcome.becomes]++;
      next.set(outcome.n, outcome.entry);
      at = Math.max(at, outcome.n + 1);
    }
    if (next.size > MAX_ENTRIES) throw new ServerError("badRequest", `more than ${MAX_ENTRIES} rigs`);
    try {
      this.#set(next.values());
    } catch (error) {
      this.#set(held);
      throw error;
    }
    this.#next = at;
    return { ...counts, total: next.size };
  }

  /** What {@link put} would make of each rig; nothing is changed. */
  plan(rigs: readonly ExpectedRig[], site: string | undefined): Outcome[] {
    const names = new Map(this.#byName);
    const touched = new Map<number, number>();
    let at = this.#next;
    return rigs.map((told, i): Outcome => {
      const where = told.site ?? site;
      if (where === undefined) return { refused: "says no site, and there are several; name one" };
      const keys = keysOf({ ...told, site: where });
      if (!keys.length) return { refused: `names no rig; give one of ${EXPECTED_NAMES.join(", ")}` };
      const found = [...new Set(keys.flatMap((key) => names.get(key) ?? []))];
      if (found.length > 1) {
        const twice = `is by its names both e${found[0]} and e${found[1]} of the register; remove one of them`;
        return { refused: twice };
      }
      const n = found[0] ?? at++;
      const before = touched.get(n);
      if (before !== undefined) return { refused: keys[0]!.split(" ").slice(1).join(" "), sameAs: before };
      touched.set(n, i);
      const known = this.#entries.get(n);
      const entry: Expected = { state: "active", ...known, ...told, site: where, n };
      for (const key of keys) names.set(key, n);
      return { n, becomes: !known ? "added" : same(known, entry) ? "same" : "changed", entry };
    });
  }

  /** Changes an entry; null takes a value away. Throws ServerError `notFound`, `badRequest`. */
  change(n: number, told: { [K in keyof ExpectedRig]?: ExpectedRig[K] | null }): Expected {
    const entry = { ...this.entry(n) } as Record<string, unknown>;
    for (const [key, value] of Object.entries(told)) {
      if (value === null) delete entry[key];
      else if (value !== undefined) entry[key] = value;
    }
    const changed = entry as unknown as Expected;
    const keys = keysOf(changed);
    if (!keys.length)
      throw new ServerError("badRequest", `a rig must keep one of ${EXPECTED_NAMES.join(", ")}`);
    const other = keys.map((key) => this.#byName.get(key)).find((held) => held !== undefined && held !== n);
    if (other !== undefined) throw new ServerError("badRequest", `that is the name of e${other} already`);
    this.#set([...this.#entries.values()].map((each) => (each.n === n ? changed : each)));
    return changed;
  }

  /** Takes an entry out. Throws ServerError `notFound`. */
  remove(n: number): Expected {
    const gone = this.entry(n);
    this.#set([...this.#entries.values()].filter((each) => each.n !== n));
    return gone;
  }

  /** The entry that names a rig, by the strongest of its names; undefined where none does. */
  of({ site, name, evidence }: Pick<RigRecord, "site" | "name" | "evidence">): Expected | undefined {
    if (!this.#sites.has(site)) return undefined;
    const { mac, serial, address, port = DEFAULT_PORT, hostname, pools } = evidence;
    const users = pools?.flatMap(({ user }) => user ?? []) ?? [];
    const told = [
      mac && `mac ${mac}`,
      serial && `serial ${serial}`,
      `address ${address}:${port}`,
      ...users.map((user) => `worker ${user}`),
    ];
    for (const key of told) {
      const n = key && this.#byName.get(`${site} ${key}`);
      if (n) return this.#entries.get(n);
    }
    for (const pattern of this.#patterns)
      if (pattern.site === site && users.some((user) => pattern.workers.fits(user)))
        return this.#entries.get(pattern.n);
    const n =
      this.#byName.get(`${site} name ${name}`) ?? (hostname && this.#byName.get(`${site} name ${hostname}`));
    return n ? this.#entries.get(n) : undefined;
  }

  #set(entries: Iterable<Expected>): void {
    const all = [...entries];
    this.#entries = new Map(all.map((entry) => [entry.n, entry]));
    this.#byName = new Map(all.flatMap((entry) => keysOf(entry).map((key) => [key, entry.n] as const)));
    this.#sites = new Set(all.map(({ site }) => site));
    this.#patterns = all.flatMap(({ n, site, worker }) =>
      worker?.includes("*") ? [{ n, site, workers: new StarPattern(worker) }] : [],
    );
  }
}

const wrong = (i: number, { refused, sameAs }: Extract<Outcome, { refused: string }>): ServerError => {
  const why = sameAs === undefined ? refused : `is the same rig as the ${ordinal(sameAs)} one: ${refused}`;
  return new ServerError("badRequest", `the ${ordinal(i)} rig ${why}; nothing was imported`);
};
const ordinal = (i: number): string =>
  `${i + 1}${["st", "nd", "rd"][i % 10] && ![10, 11, 12].includes(i % 100) ? ["st", "nd", "rd"][i % 10] : "th"}`;

/** What an entry is known by, with its site. */
function keysOf(entry: ExpectedRig & { site: string }): string[] {
  return EXPECTED_NAMES.flatMap((kind) => {
    const value = entry[kind];
    if (value === undefined) return [];
    const full = kind === "address" && !value.includes(":") ? `${value}:${DEFAULT_PORT}` : value;
    return [`${entry.site} ${kind} ${full}`];
  });
}

const same = (a: Expected, b: Expected): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (key) => (a as Record<string, unknown>)[key] === (b as Record<string, unknown>)[key],
  );
