import type { ExpectedPlace, ExpectedRig, ExpectedState, RegisterEntry } from "@hashwatt/protocol/register";

/** Where a rig may stand, from the large to the small, then what feeds it. */
export const PLACES = [
  "row",
  "rack",
  "position",
  "feeder",
  "pdu",
  "outlet",
] as const satisfies readonly ExpectedPlace[];
/** What a rig may be known by. */
export const NAMES = [
  "name",
  "mac",
  "serial",
  "address",
  "worker",
] as const satisfies readonly (keyof ExpectedRig)[];
export const STATES = ["active", "repair", "spare", "retired"] as const satisfies readonly ExpectedState[];
/** Everything that is said of an entry in words, as its CSV orders it. */
export const COLUMNS = [
  "name",
  "serial",
  "mac",
  "address",
  "worker",
  "site",
  "rack",
  "row",
  "position",
  "feeder",
  "pdu",
  "outlet",
  "owner",
  "state",
] as const satisfies readonly (keyof ExpectedRig)[];

/** What an entry is called on the screen. */
export const entryName = (entry: ExpectedRig & { id?: string }): string =>
  entry.name ?? entry.mac ?? entry.serial ?? entry.address ?? entry.worker ?? entry.id ?? "";

/** Which entries are shown; an empty text, state or presence keeps all. */
export interface EntryFilter {
  text: string;
  state: string;
  presence: string;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The entries that a filter keeps: by site and place, then by name, digits as numbers. */
export function shownEntries(
  entries: readonly RegisterEntry[],
  { text, state, presence }: EntryFilter,
): RegisterEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries
    .filter((entry) => {
      if (state && entry.state !== state) return false;
      if (presence && entry.presence !== presence) return false;
      if (words.length === 0) return true;
      const all = [entry.id, ...COLUMNS.map((column) => entry[column] ?? "")].join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .sort((a, b) => {
      for (const key of ["site", "row", "rack", "position"] as const) {
        const order = collator.compare(a[key] ?? "", b[key] ?? "");
        if (order !== 0) return order;
      }
      return collator.compare(entryName(a), entryName(b));
    });
}

const plainMac = (text: string): string => text.toLowerCase().replace(/[^0-9a-f]/g, "");
const sameName = (kind: (typeof NAMES)[number], a: string, b: string): boolean =>
  kind === "mac" ? plainMac(a) === plainMac(b) : a === b;

/** The entry that has one of the names of a rig already, apart from `own`; undefined where none has. */
export const entryNamed = (
  entries: readonly RegisterEntry[],
  rig: ExpectedRig,
  own: string | undefined,
): RegisterEntry | undefined =>
  entries.find(
    (entry) =>
      entry.id !== own &&
      (rig.site === undefined || entry.site === rig.site) &&
      NAMES.some((kind) => {
        const [told, known] = [rig[kind], entry[kind]];
        return told !== undefined && known !== undefined && sameName(kind, told, known);
      }),
  );

/** What a form says that an entry does not: null takes a value away. Empty texts say nothing. */
export function changeOf(
  before: RegisterEntry | undefined,
  told: Readonly<Record<string, string>>,
): { [K in keyof ExpectedRig]?: ExpectedRig[K] | null } {
  const change: Record<string, string | null> = {};
  for (const column of COLUMNS) {
    const now = (told[column] ?? "").trim();
    const was = before?.[column] ?? "";
    if (now === was || told[column] === undefined) continue;
    if (now !== "") change[column] = now;
    else if (before) change[column] = null;
  }
  return change as ReturnType<typeof changeOf>;
}
