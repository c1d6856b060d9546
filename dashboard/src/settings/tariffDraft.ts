import type { Body } from "./settingsApi.js";

/** A rule of hours as a form has it: lists as a person writes them. */
export interface RuleDraft {
  band: string;
  /** "7-9, 16-21"; empty = the whole day. */
  hours: string;
  /** "workday", "weekend", "holiday"; empty = all. */
  days: string[];
  /** "6-8, 12"; empty = all. */
  months: string;
}

/** A tariff as the form has it: numbers as they are typed. */
export interface TariffDraft {
  id: string;
  name: string;
  currency: string;
  validFrom: string;
  validTo: string;
  source: string;
  asOf: string;
  kind: "flat" | "timeOfUse" | "tiered";
  price: string;
  bands: { name: string; price: string }[];
  rules: RuleDraft[];
  tiers: { upToKwh: string; price: string }[];
  adders: { name: string; perKwh: string }[];
  demand: { name: string; minutes: string; perKw: string }[];
  monthly: { name: string; amount: string }[];
  lossesPercent: string;
  minimumCharge: string;
  taxPercent: string;
  readingDay: string;
}

/** What an empty form holds. */
export const newTariff = (currency: string, validFrom: string): TariffDraft => ({
  id: "",
  name: "",
  currency,
  validFrom,
  validTo: "",
  source: "",
  asOf: "",
  kind: "flat",
  price: "",
  bands: [
    { name: "peak", price: "" },
    { name: "valley", price: "" },
  ],
  rules: [
    { band: "valley", hours: "", days: [], months: "" },
    { band: "peak", hours: "8-22", days: ["workday"], months: "" },
  ],
  tiers: [
    { upToKwh: "", price: "" },
    { upToKwh: "", price: "" },
  ],
  adders: [],
  demand: [],
  monthly: [],
  lossesPercent: "",
  minimumCharge: "",
  taxPercent: "",
  readingDay: "",
});

/** A number as typed; what is none goes as it is, so that the server says what is wrong with it. */
const number = (text: string): number | string => {
  const trimmed = text.trim();
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
};
const list = (text: string): string[] =>
  text
    .split(/[,;]/)
    .map((each) => each.trim())
    .filter(Boolean);
/** "6-8, 12" → 6, 7, 8, 12. */
const monthsOf = (text: string): (number | string)[] =>
  list(text).flatMap((each) => {
    const [, from, to] = /^(\d{1,2})\s*-\s*(\d{1,2})$/.exec(each) ?? [];
    if (from === undefined || to === undefined) return [number(each)];
    const [first, last] = [Number(from), Number(to)];
    return last >= first && last <= 12
      ? Array.from({ length: last - first + 1 }, (_, at) => first + at)
      : [each];
  });

/** The body that a form stands for; keys that were left empty are left out. */
export function tariffBody(draft: TariffDraft): Body {
  const { kind } = draft;
  const energy =
    kind === "flat"
      ? { kind, price: number(draft.price) }
      : kind === "tiered"
        ? {
            kind,
            tiers: draft.tiers.map(({ upToKwh, price }) => ({
              ...(upToKwh.trim() !== "" && { upToKwh: number(upToKwh) }),
              price: number(price),
            })),
          }
        : {
            kind,
            bands: Object.fromEntries(draft.bands.map(({ name, price }) => [name.trim(), number(price)])),
            rules: draft.rules.map(({ band, hours, days, months }) => ({
              ...(months.trim() !== "" && { months: monthsOf(months) }),
              ...(days.length > 0 && { days }),
              ...(hours.trim() !== "" && { hours: list(hours) }),
              band,
            })),
          };
  return {
    id: draft.id.trim(),
    name: draft.name.trim(),
    currency: draft.currency.trim().toUpperCase(),
    validFrom: draft.validFrom,
    ...(draft.validTo && { validTo: draft.validTo }),
    source: draft.source.trim(),
    ...(draft.asOf && { asOf: draft.asOf }),
    energy,
    ...(draft.adders.length > 0 && {
      adders: draft.adders.map(({ name, perKwh }) => ({ name, perKwh: number(perKwh) })),
    }),
    ...(draft.lossesPercent.trim() !== "" && { lossesPercent: number(draft.lossesPercent) }),
    ...(draft.demand.length > 0 && {
      demand: draft.demand.map(({ name, minutes, perKw }) => ({
        kind: "maximum",
        name,
        minutes: number(minutes),
        perKw: number(perKw),
      })),
    }),
    ...(draft.monthly.length > 0 && {
      monthly: draft.monthly.map(({ name, amount }) => ({ name, amount: number(amount) })),
    }),
    ...(draft.minimumCharge.trim() !== "" && { minimumCharge: number(draft.minimumCharge) }),
    ...(draft.taxPercent.trim() !== "" && { taxPercent: number(draft.taxPercent) }),
    ...(draft.readingDay.trim() !== "" && { readingDay: number(draft.readingDay) }),
  };
}

type Loose = Record<string, unknown>;
const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));
const items = (value: unknown): Loose[] => (Array.isArray(value) ? (value as Loose[]) : []);
/** Whether an object has no other keys than these. */
const only = (value: unknown, keys: readonly string[]): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).every((key) => keys.includes(key));
const texts = (value: unknown): string => (Array.isArray(value) ? value.map(text).join(", ") : "");

const KEYS = [
  "id",
  "name",
  "currency",
  "validFrom",
  "validTo",
  "source",
  "asOf",
  "energy",
  "adders",
  "lossesPercent",
  "demand",
  "monthly",
  "minimumCharge",
  "taxPercent",
  "readingDay",
];

/** The form of a body; undefined where the body says more than the form has places for, so that saving it would lose something. */
export function tariffDraft(body: Body): TariffDraft | undefined {
  const energy = (body.energy ?? {}) as Loose;
  const { kind } = energy;
  if (!only(body, KEYS)) return undefined;
  if (kind !== "flat" && kind !== "timeOfUse" && kind !== "tiered") return undefined;
  if (!items(body.adders).every((each) => only(each, ["name", "perKwh"]))) return undefined;
  if (
    !items(body.demand).every(
      (each) => each.kind === "maximum" && only(each, ["kind", "name", "minutes", "perKw"]),
    )
  )
    return undefined;
  const empty = newTariff(text(body.currency), text(body.validFrom));
  return {
    ...empty,
    id: text(body.id),
    name: text(body.name),
    validTo: text(body.validTo),
    source: text(body.source),
    asOf: text(body.asOf),
    kind,
    price: text(energy.price),
    bands:
      kind === "timeOfUse"
        ? Object.entries((energy.bands ?? {}) as Loose).map(([name, price]) => ({ name, price: text(price) }))
        : empty.bands,
    rules:
      kind === "timeOfUse"
        ? items(energy.rules).map((rule) => ({
            band: text(rule.band),
            hours: texts(rule.hours),
            days: Array.isArray(rule.days) ? rule.days.map(text) : [],
            months: texts(rule.months),
          }))
        : empty.rules,
    tiers:
      kind === "tiered"
        ? items(energy.tiers).map(({ upToKwh, price }) => ({ upToKwh: text(upToKwh), price: text(price) }))
        : empty.tiers,
    adders: items(body.adders).map(({ name, perKwh }) => ({ name: text(name), perKwh: text(perKwh) })),
    demand: items(body.demand).map(({ name, minutes, perKw }) => ({
      name: text(name),
      minutes: text(minutes),
      perKw: text(perKw),
    })),
    monthly: items(body.monthly).map(({ name, amount }) => ({ name: text(name), amount: text(amount) })),
    lossesPercent: text(body.lossesPercent),
    minimumCharge: text(body.minimumCharge),
    taxPercent: text(body.taxPercent),
    readingDay: text(body.readingDay),
  };
}
