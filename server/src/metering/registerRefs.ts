import { EXPECTED_PLACES, type ExpectedPlace } from "@hashwatt/protocol/register";
import { nearestName } from "../config/nearestName.js";
import type { Expected } from "../register/register.js";

/** Where the rigs of something stand: all of it must fit. */
export type RegisterPlace = { readonly [K in ExpectedPlace]?: string | undefined };

/** More names than these are not listed in a sentence. */
const MAX_NAMED = 8;

/** What hangs on places of the register: who stands in a rack, on a PDU, an outlet of it, a feeder. */
export class RegisterRefs<T> {
  /** By site and the first name of the place. */
  readonly #byFirst = new Map<string, { site: string; place: RegisterPlace; of: T }[]>();

  add(site: string, place: RegisterPlace, of: T): void {
    const [kind, name] = parts(place)[0]!;
    const key = keyOf(site, kind, name);
    this.#byFirst.set(key, [...(this.#byFirst.get(key) ?? []), { site, place, of }]);
  }

  get size(): number {
    return this.#byFirst.size;
  }

  /** All that hangs on where a rig stands by its entry. */
  at(entry: Expected): T[] {
    return parts(entry).flatMap(([kind, name]) =>
      (this.#byFirst.get(keyOf(entry.site, kind, name)) ?? []).flatMap(({ place, of }) =>
        fits(place, entry) ? of : [],
      ),
    );
  }

  /** Why nothing can hang on a place, for each that no entry of the register names. */
  unnamed(entries: Iterable<Expected>): Map<T, string> {
    const all = [...entries];
    const there = new Map<string, Expected[]>();
    for (const entry of all)
      for (const [kind, name] of parts(entry)) {
        const key = keyOf(entry.site, kind, name);
        if (!this.#byFirst.has(key)) continue;
        const held = there.get(key);
        if (held) held.push(entry);
        else there.set(key, [entry]);
      }
    const wrong = new Map<T, string>();
    for (const [key, refs] of this.#byFirst)
      for (const { site, place, of } of refs)
        if (!there.get(key)?.some((entry) => fits(place, entry)))
          wrong.set(
            of,
            whyNobody(
              site,
              place,
              all.filter((entry) => entry.site === site),
            ),
          );
    return wrong;
  }
}

const keyOf = (site: string, kind: string, name: string): string => `${site}\n${kind}\n${name.toLowerCase()}`;
const same = (told: string | undefined, wanted: string): boolean =>
  told !== undefined && told.toLowerCase() === wanted.toLowerCase();
const parts = (place: RegisterPlace): [ExpectedPlace, string][] =>
  EXPECTED_PLACES.flatMap((kind) => {
    const name = place[kind];
    return name === undefined ? [] : [[kind, name]];
  });
const fits = (place: RegisterPlace, entry: Expected): boolean =>
  parts(place).every(([kind, name]) => same(entry[kind], name));

function whyNobody(site: string, place: RegisterPlace, entries: readonly Expected[]): string {
  const told = parts(place)
    .map(([kind, name]) => `${kind} ${name}`)
    .join(", ");
  const nobody = `no entry of the register of site ${site} has ${told}`;
  if (!entries.length) return `${nobody}: the register of that site is empty, import one`;
  for (const [kind, name] of parts(place)) {
    if (entries.some((entry) => same(entry[kind], name))) continue;
    const names = [...new Set(entries.flatMap((entry) => entry[kind] ?? []))];
    if (!names.length) return `${nobody}: none has a ${kind}`;
    const near = nearestName(name, names);
    return near === undefined || names.length <= MAX_NAMED
      ? `${nobody}: there ${names.length === 1 ? "is" : "are"} ${listed(names)}`
      : `${nobody}: did you mean ${near}?`;
  }
  return `${nobody} together`;
}

const listed = (names: readonly string[]): string =>
  names.length > MAX_NAMED
    ? `${names.slice(0, MAX_NAMED).join(", ")} and ${names.length - MAX_NAMED} more`
    : names.join(", ");
