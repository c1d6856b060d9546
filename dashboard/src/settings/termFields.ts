import type { Body, Collection } from "./settingsApi.js";
import type { SettingsKey } from "./settingsWords.js";
import { SOURCE_FIELDS } from "./sourceFields.js";

/** A field of a form that is not a tariff's: where in the body its value lies, and what it is. */
export interface TermField {
  /** Keys from the body down, joined by dots. */
  path: string;
  word: SettingsKey;
  hint?: SettingsKey;
  /** A list is written with commas. */
  type?: "number" | "date" | "list";
  options?: readonly { value: string; word?: SettingsKey }[];
  /** Only where another field has this value, or one of these. */
  when?: { path: string; is: string | readonly string[] };
}

const NAME: TermField = { path: "name", word: "set.name" };
const TAIL: readonly TermField[] = [
  { path: "validFrom", word: "set.validFrom", type: "date" },
  { path: "validTo", word: "set.validTo", hint: "set.validToHint", type: "date" },
  { path: "source", word: "set.source", hint: "set.sourceHint" },
];

/** The fields of every kind but tariffs, beside the short name. */
export const TERM_FIELDS: Record<Exclude<Collection, "tariffs">, readonly TermField[]> = {
  pools: [
    NAME,
    { path: "algorithm", word: "set.algorithm", hint: "set.algorithmHint" },
    {
      path: "scheme",
      word: "set.scheme",
      options: [{ value: "FPPS" }, { value: "PPS" }, { value: "PPLNS" }, { value: "SOLO" }],
    },
    { path: "feePercent", word: "set.feePercent", type: "number" },
    { path: "luck", word: "set.luck", hint: "set.luckHint", type: "number" },
    { path: "devFeePercent", word: "set.devFeePercent", hint: "set.devFeeHint", type: "number" },
    ...TAIL,
  ],
  contracts: [
    NAME,
    {
      path: "kind",
      word: "set.kind",
      options: [
        { value: "ppa", word: "set.contractKind.ppa" },
        { value: "certificates", word: "set.contractKind.certificates" },
        { value: "own", word: "set.contractKind.own" },
      ],
    },
    { path: "kgPerKwh", word: "set.kgPerKwh", type: "number" },
    {
      path: "supply.kind",
      word: "set.supply",
      options: [
        { value: "constant", word: "set.supply.constant" },
        { value: "series", word: "set.supply.series" },
        { value: "share", word: "set.supply.share" },
      ],
    },
    { path: "supply.kw", word: "set.kw", type: "number", when: { path: "supply.kind", is: "constant" } },
    { path: "supply.series", word: "set.series", when: { path: "supply.kind", is: "series" } },
    {
      path: "supply.percent",
      word: "set.percent",
      type: "number",
      when: { path: "supply.kind", is: "share" },
    },
    ...TAIL,
  ],
  overhead: [
    NAME,
    {
      path: "kind",
      word: "set.kind",
      options: [
        { value: "constant", word: "set.overheadKind.constant" },
        { value: "model", word: "set.overheadKind.model" },
      ],
    },
    { path: "factor", word: "set.factor", type: "number", when: { path: "kind", is: "constant" } },
    {
      path: "cooling",
      word: "set.cooling",
      options: [
        { value: "air", word: "set.cooling.air" },
        { value: "immersion", word: "set.cooling.immersion" },
        { value: "hydro", word: "set.cooling.hydro" },
      ],
      when: { path: "kind", is: "model" },
    },
    { path: "climate", word: "set.climate", when: { path: "kind", is: "model" } },
    ...TAIL,
  ],
  costs: [NAME, { path: "perMonth", word: "set.perMonth", type: "number" }, ...TAIL],
  sources: SOURCE_FIELDS,
};

/** Whether a form has a place for a field, by what the others say. */
export const isShown = ({ when }: TermField, draft: TermDraft): boolean => {
  const value = when && (draft[when.path] ?? "");
  return (
    value === undefined || (typeof when!.is === "string" ? value === when!.is : when!.is.includes(value))
  );
};

/** Values by path, as they are typed. */
export type TermDraft = Readonly<Record<string, string>>;

const at = (body: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Body | undefined)?.[key], body);

/** A form's values from a body; what it leaves out is empty, or the first of its options. */
export const termDraft = (fields: readonly TermField[], body: Body): TermDraft =>
  Object.fromEntries([
    ["id", String(body.id ?? "")],
    ...fields.map(({ path, options }) => {
      const value = at(body, path);
      return [path, value === undefined || value === null ? (options?.[0]?.value ?? "") : String(value)];
    }),
  ]);

/** The body that a form stands for: what is empty or belongs to another choice is left out. */
export function termBody(fields: readonly TermField[], draft: TermDraft): Body {
  const body: Body = { id: (draft.id ?? "").trim() };
  for (const field of fields) {
    const { path, type } = field;
    const text = (draft[path] ?? "").trim();
    if (text === "" || !isShown(field, draft)) continue;
    const keys = path.split(".");
    const last = keys.pop()!;
    let into = body;
    for (const key of keys) {
      into[key] ??= {};
      into = into[key] as Body;
    }
    into[last] =
      type === "list"
        ? text.split(/[\s,]+/).filter((each) => each !== "")
        : type === "number" && Number.isFinite(Number(text))
          ? Number(text)
          : text;
  }
  return body;
}

/** Whether a form has a place for all that a body says. */
export function fits(fields: readonly TermField[], body: Body): boolean {
  const known = new Set(["id", ...fields.map(({ path }) => path)]);
  const paths = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, each]) => paths(each, path ? `${path}.${key}` : key))
      : [path];
  return paths(body, "").every((path) => known.has(path));
}
