/** What stands where nothing is known. */
export const UNKNOWN = "—";

/** A figure ready for the screen; `unit` is empty when the figure is unknown. */
export interface Shown {
  text: string;
  unit: string;
}
/** A measurement as it comes: null and undefined both mean unknown. */
export type Maybe = number | null | undefined;

const HASHRATE: readonly [number, string][] = [
  [1e6, "EH/s"],
  [1e3, "PH/s"],
  [1, "TH/s"],
  [1e-3, "GH/s"],
  [1e-6, "MH/s"],
  [1e-9, "kH/s"],
];
const POWER: readonly [number, string][] = [
  [1e6, "MW"],
  [1e3, "kW"],
  [1, "W"],
];
const ENERGY: readonly [number, string][] = [
  [1e6, "GWh"],
  [1e3, "MWh"],
  [1, "kWh"],
];
const MASS: readonly [number, string][] = [
  [1e3, "t"],
  [1, "kg"],
  [1e-3, "g"],
];

const known = (value: Maybe): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** Money of so many decimals at most, and the least that shows in them. */
const MONEY_DECIMALS = 6;
const LEAST_MONEY = 1e-6;

/** Decimals that leave four significant digits after a leading 1 and three otherwise: about equal precision everywhere. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size === 0) return 0;
  const exponent = Math.floor(Math.log10(size) + 1e-12);
  const leading = size / 10 ** exponent;
  return Math.min(6, Math.max(0, (leading < 2 ? 3 : 2) - exponent));
}

/** Numbers, units and times as one locale writes them. Every method takes unknowns and answers {@link UNKNOWN}. */
export interface Format {
  locale: string;
  /** A plain number of `decimals`; without them three to four significant digits. */
  number(value: Maybe, decimals?: number): string;
  /** A number as a person writes it: up to four significant digits, no zeros at the end. For what does not move. */
  plain(value: Maybe): string;
  hashrate(ths: Maybe): Shown;
  power(w: Maybe): Shown;
  energy(kwh: Maybe): Shown;
  /** J/TH. */
  efficiency(jPerTh: Maybe): Shown;
  temp(c: Maybe): Shown;
  fan(rpm: Maybe): Shown;
  /** kg and t of CO₂e; the caller says per what. */
  mass(kg: Maybe): Shown;
  /** A ratio as percent: 0.961 → "96.1". Over 99.95 % it stays below 100 unless it is 1. */
  percent(ratio: Maybe): Shown;
  /** Money with its sign and currency: "−$0.051". `sign` writes a plus, too; `decimals` are chosen by size without it. */
  money(amount: Maybe, currency: string, sign?: boolean, decimals?: number): string;
  /** Money with the currency apart, for a headline: "+102" and "$". */
  moneyParts(amount: Maybe, currency: string, sign?: boolean): Shown;
  /** The sign of a currency in this locale, or its code. */
  currency(code: string): string;
  /** "14:22" in `zone`. */
  clock(ms: Maybe, zone: string): string;
  /** "14:22:05" in `zone`. */
  seconds(ms: Maybe, zone: string): string;
  /** "Sat 10 Oct, 14:22" in `zone`. */
  moment(ms: Maybe, zone: string): string;
  /** "10 Oct 2026" in `zone`. */
  date(ms: Maybe, zone: string): string;
  /** "10 Oct" in `zone`; for axes. */
  day(ms: Maybe, zone: string): string;
}

const TIMES = {
  clock: { hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  moment: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  day: { day: "numeric", month: "short" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Builds the formats of one locale (BCP 47). Zones are IANA names; one that the browser does not know is shown in UTC. */
export function formatFor(locale: string): Format {
  const numbers = new Map<number, Intl.NumberFormat>();
  const fixed = (value: number, decimals: number): string => {
    let form = numbers.get(decimals);
    if (!form) {
      form = new Intl.NumberFormat(locale, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      });
      numbers.set(decimals, form);
    }
    const text = form.format(Math.abs(value));
    return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
  };
  const short = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
  const number = (value: Maybe, decimals?: number): string =>
    known(value) ? fixed(value, decimals ?? decimalsFor(value)) : UNKNOWN;

  const scaled = (value: Maybe, units: readonly [number, string][], zeroUnit: string): Shown => {
    if (!known(value)) return { text: UNKNOWN, unit: "" };
    if (value === 0) return { text: "0", unit: zeroUnit };
    const size = Math.abs(value);
    let at = units.findIndex(([factor]) => size >= factor);
    if (at < 0) at = units.length - 1;
    // 999.96 kW rounds to 1000: it belongs to the next unit.
    if (at > 0) {
      const here = size / units[at]![0];
      if (Number(here.toFixed(decimalsFor(here))) >= 1000) at--;
    }
    const [factor, unit] = units[at]!;
    return { text: number(value / factor), unit };
  };
  const measured = (value: Maybe, unit: string, decimals?: number): Shown =>
    known(value) ? { text: number(value, decimals), unit } : { text: UNKNOWN, unit: "" };

  const signs = new Map<string, string>();
  const currency = (code: string): string => {
    let sign = signs.get(code);
    if (sign === undefined) {
      try {
        const parts = new Intl.NumberFormat(locale, {
          style: "currency",
          currency: code,
          currencyDisplay: "narrowSymbol",
        }).formatToParts(0);
        sign = parts.find((part) => part.type === "currency")?.value ?? code;
      } catch {
        sign = code;
      }
      signs.set(code, sign);
    }
    return sign;
  };
  const moneyDecimals = (size: number): number => {
    if (size >= 1000 || size === 0) return 0;
    if (size >= 100) return 1;
    if (size >= 1) return 2;
    if (size >= 0.01) return 3;
    // Two significant digits at least: what a small rig loses is no nothing.
    return Math.min(MONEY_DECIMALS, Math.max(4, 1 - Math.floor(Math.log10(size))));
  };
  const amountText = (amount: number): string => {
    const size = Math.abs(amount);
    return fixed(size, moneyDecimals(size));
  };
  /** What is too little for any digit is told by what it is less than: how that begins, or undefined for any other amount. */
  const boundOf = (amount: number): "<" | ">−" | undefined =>
    amount === 0 || Math.abs(amount) >= LEAST_MONEY / 2 ? undefined : amount < 0 ? ">−" : "<";
  const signOf = (amount: number, text: string, plus: boolean): string => {
    if (!/[1-9]/.test(text)) return "";
    if (amount < 0) return "−";
    return plus ? "+" : "";
  };

  const times = new Map<string, Intl.DateTimeFormat>();
  const time = (ms: Maybe, zone: string, style: keyof typeof TIMES): string => {
    if (!known(ms)) return UNKNOWN;
    const key = `${style} ${zone}`;
    let form = times.get(key);
    if (!form) {
      const options = { ...TIMES[style], hourCycle: "h23" } as const;
      try {
        form = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
      } catch {
        form = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
      }
      times.set(key, form);
    }
    return form.format(ms);
  };

  return {
    locale,
    number,
    plain(value) {
      if (!known(value)) return UNKNOWN;
      const text = short.format(Math.abs(value));
      return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
    },
    currency,
    hashrate: (ths) => scaled(ths, HASHRATE, "TH/s"),
    power: (w) => scaled(w, POWER, "W"),
    energy: (kwh) => scaled(kwh, ENERGY, "kWh"),
    efficiency: (jPerTh) => measured(jPerTh, "J/TH"),
    temp: (c) => measured(c, "°C", 0),
    fan: (rpm) => measured(rpm, "rpm", 0),
    mass: (kg) => scaled(kg, MASS, "kg"),
    percent(ratio) {
      if (!known(ratio)) return { text: UNKNOWN, unit: "" };
      const percent = ratio * 100;
      const text = fixed(percent, Math.abs(percent) >= 100 || percent === 0 ? 0 : 1);
      return { text: ratio < 1 && percent >= 99.95 ? fixed(99.9, 1) : text, unit: "%" };
    },
    money(amount, code, plus = false, decimals) {
      if (!known(amount)) return UNKNOWN;
      const sign = currency(code);
      const bound = decimals === undefined ? boundOf(amount) : undefined;
      const shown = bound ? LEAST_MONEY : amount;
      const text = decimals === undefined ? amountText(shown) : fixed(Math.abs(amount), decimals);
      const minus = bound ?? signOf(amount, text, plus);
      return sign.length > 2 ? `${minus}${text} ${sign}` : `${minus}${sign}${text}`;
    },
    moneyParts(amount, code, plus = false) {
      if (!known(amount)) return { text: UNKNOWN, unit: "" };
      const bound = boundOf(amount);
      const text = amountText(bound ? LEAST_MONEY : amount);
      return { text: (bound ?? signOf(amount, text, plus)) + text, unit: currency(code) };
    },
    clock: (ms, zone) => time(ms, zone, "clock"),
    seconds: (ms, zone) => time(ms, zone, "seconds"),
    moment: (ms, zone) => time(ms, zone, "moment"),
    date: (ms, zone) => time(ms, zone, "date"),
    day: (ms, zone) => time(ms, zone, "day"),
  };
}

/** An age or duration in its largest fitting unit: 400 → "0.4" s, 250,000 → "4" min. Negative ages, a clock's jitter, are 0. */
export function spanParts(ms: number): { n: string; unit: "s" | "min" | "h" | "d" | "y" } {
  const s = Math.max(0, ms) / 1000;
  if (s < 9.95) return { n: s.toFixed(1), unit: "s" };
  if (s < 59.5) return { n: String(Math.round(s)), unit: "s" };
  if (s < 3600) return { n: String(Math.min(59, Math.round(s / 60))), unit: "min" };
  if (s < 48 * 3600) return { n: String(Math.floor(s / 3600)), unit: "h" };
  const days = s / 86_400;
  if (days < 400) return { n: String(Math.floor(days)), unit: "d" };
  return { n: (days / 365.25).toFixed(1), unit: "y" };
}

/** The unit in which an axis that reaches up to `most` is labelled: divide by `factor`. */
export function axisUnit(
  kind: "hashrate" | "power" | "temp" | "humidity",
  most: number,
): { factor: number; unit: string } {
  if (kind === "temp") return { factor: 1, unit: "°C" };
  if (kind === "humidity") return { factor: 0.01, unit: "%" };
  const units = kind === "hashrate" ? HASHRATE : POWER;
  const [factor, unit] = units.find(([at]) => Math.abs(most) >= at) ?? units.at(-1)!;
  return { factor, unit };
}
