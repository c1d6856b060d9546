import { isIP, isIPv6 } from "node:net";

/** What is personal in a rig's answers, in the order in which it is told. */
export const KINDS = ["account", "name", "serial", "mac", "address", "secret"] as const;
export type Kind = (typeof KINDS)[number];

const WORDS: Record<Kind, readonly [one: string, many: string]> = {
  account: ["account", "accounts"],
  name: ["host or network name", "host and network names"],
  serial: ["serial number", "serial numbers"],
  mac: ["MAC address", "MAC addresses"],
  address: ["network address", "network addresses"],
  secret: ["password or token", "passwords and tokens"],
};

/** Keys whose value is personal, whatever firmware spells them. */
const KEYS: readonly (readonly [RegExp, Kind])[] = [
  [
    /^((fallback)?stratum|(current|active)?[-_ ]?pool\d*|current)?[-_ ]?((user|account|worker|wallet|login|owner)([-_ ]?(name|id|address))?|e?mail|work)\d*$/i,
    "account",
  ],
  [/host_?name$|^ssid$|^(miner|rig|device)[-_ ]?(label|alias)$/i, "name"],
  [
    /serial|(^|[-_ ]|pcb|miner|power|psu|dev|hb)sn\d*$|^(dna|serinum|miner[-_ ]?id|chipdata\d*|eeprom.*)$/i,
    "serial",
  ],
  [/mac(addr(ess)?)?\d*$/i, "mac"],
  [
    /(^|[-_ ]|wifi|wlan|stratum|pool|user|root|admin|access|refresh|auth|bearer|session)(pass(word|wd|phrase)?|pwd?|token|secret|psk|jwt)\d*$|^(salt|cookie|session([-_ ]?id)?|(api|private|wifi|wpa)[-_ ]?key)$/i,
    "secret",
  ],
  [/^(ip(v[46])?([-_ ]?addr(ess)?)?|(default[-_ ]?)?gateway|bcast[-_ ]?addr)\d*$/i, "address"],
];
/** Names that rigs have by default: they tell nobody, and some are words of their firmware. */
const COMMON =
  /^(antminer|whatsminer|avalon\w*|bitaxe|miner|localhost|n\/a|none|null|unknown|root|admin|braiins\w*|0+|-)$/i;

const MAC = /\b[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}\b/gi;
/** Private, link-local and carrier addresses; a public one is a pool's, and a version looks like one. */
const ADDRESS =
  /\b(?:10\.\d{1,3}|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.\d{1,3}\.\d{1,3}\b/g;
const IPV6 = /(?<![\w:.])[0-9a-f]{0,4}:[0-9a-f:]{1,34}(?![\w:.])/gi;
/** Addresses that all machines have. */
const NOBODYS = /^(::1?|f[ef]0[0-9a-f]::.?|0\.0\.0\.0|127\.0\.0\.1|255\..*)$/i;
/** `"key":"value"`, also in a text inside a text, `key=value` of the text form, `KEY[value]` of Avalon. A token can be long. */
const PAIRS = [
  /"([\w .:-]{1,40})"\s*:\s*"((?:[^"\\]|\\.){1,8000})"/g,
  /\\"([\w .:-]{1,40})\\"\s*:\s*\\"([^"\\]{1,8000})\\"/g,
  /(?:^|[,|])([\w .]{1,40})=([^,|=]{1,400})/g,
  /\b(DNA|SN|MAC)\[([^\]]{1,200})\]/g,
];
/** `stratum+tcp://user:pass@host` */
const USER_INFO = /(:\/\/)[^/@\s"]{1,200}@/g;
/** A value so short may be part of anything else, so only whole values are replaced. */
const LEAST_INSIDE = 8;
/** One that is longer is looked for as a whole word alone, such as a token. */
const MOST_INSIDE = 64;
const LONG_WORD = /[\w.~+/=-]{65,}/g;
const LONG_PART = /[\w.~+-]{65,}/g;

/** Replaces what is personal by placeholders; the same value is the same placeholder in all texts of one capture. */
export class Placeholders {
  readonly #known = new Map<string, { kind: Kind; placeholder: string }>();
  readonly #kept: string[] = [];
  readonly #counts = new Map<Kind, number>();
  readonly #accounts = new Map<string, string>();
  readonly #parts = { account: 0, worker: 0 };
  /** Lengths of the known values that may stand inside a text, the longest first. */
  #lengths: number[] = [];

  /** Looks for personal values in a text; to be called for all texts before the first is cleaned. */
  notice(text: string): void {
    for (const pattern of PAIRS)
      for (const [, key = "", value = ""] of text.matchAll(pattern)) {
        const kind = kindOf(key.trim());
        if (kind && (kind !== "address" || isIP(value.trim()))) this.#note(kind, value.trim());
      }
    for (const [mac] of text.matchAll(MAC)) this.#note("mac", mac);
    for (const [address] of text.matchAll(ADDRESS)) this.#note("address", address);
    for (const [address] of text.matchAll(IPV6)) if (isIPv6(address)) this.#note("address", address);
  }

  /** Words that stay whatever key they stand under: a rig whose name is its model's would be another model. */
  keep(words: readonly (string | undefined)[]): void {
    for (const word of words) if (word !== undefined) this.#kept.push(word.toLowerCase());
  }

  /** A value that is personal though no key says so. */
  noticeValue(kind: Kind, value: string): void {
    this.#note(kind, value);
  }

  /** The text with placeholders. Takes as long as the text is, however much is personal in it. */
  clean(text: string): string {
    let cleaned = text.replace(USER_INFO, "$1");
    for (const pattern of PAIRS)
      cleaned = cleaned.replace(pattern, (pair: string, key: string, said: string) => {
        const value = said.trim();
        const placeholder = kindOf(key.trim()) && this.#known.get(value)?.placeholder;
        if (placeholder === undefined) return pair;
        const at = pair.lastIndexOf(value);
        return pair.slice(0, at) + placeholder + pair.slice(at + value.length);
      });
    cleaned = cleaned.replace(LONG_WORD, (word) => this.#placeholderOf(word) ?? this.#cleanedParts(word));
    return this.#cleanedInside(cleaned);
  }

  #placeholderOf(value: string): string | undefined {
    return this.#known.get(value)?.placeholder;
  }

  /** A long word that is unknown may be a path that ends in a token, or a query. */
  #cleanedParts = (word: string): string =>
    word.replace(LONG_PART, (part) => this.#placeholderOf(part) ?? part);

  /** The text with every value of usual length replaced wherever it stands; of several that begin in one place the longest. */
  #cleanedInside(text: string): string {
    const pieces: string[] = [];
    let done = 0;
    for (let at = 0; at < text.length; at++) {
      if (isWord(text.charCodeAt(at - 1))) continue;
      for (const length of this.#lengths) {
        const end = at + length;
        if (end > text.length || isWord(text.charCodeAt(end))) continue;
        const value = text.slice(at, end);
        const known = this.#known.get(value);
        if (!known || !(isInside(known.kind, value) || isWhole(text, at, end, known.kind, value))) continue;
        pieces.push(text.slice(done, at), known.placeholder);
        done = end;
        at = end - 1;
        break;
      }
    }
    return pieces.join("") + text.slice(done);
  }

  /** `2 accounts, 1 MAC address`; empty when nothing was replaced. */
  summary(): string {
    return KINDS.flatMap((kind) => {
      const count = this.#counts.get(kind) ?? 0;
      return count ? [`${count} ${WORDS[kind][count === 1 ? 0 : 1]}`] : [];
    }).join(", ");
  }

  #note(kind: Kind, value: string): void {
    if (kind === "name" && this.#kept.some((word) => word.includes(value.toLowerCase()))) return;
    if (value.length < 2 || COMMON.test(value) || this.#known.has(value)) return;
    if (kind === "address" && NOBODYS.test(value)) return;
    // A flag or a number under a key that elsewhere holds a name.
    if (kind !== "secret" && kind !== "mac" && /^(true|false|\d{1,5})$/i.test(value)) return;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    const placeholder = this.#placeholder(kind, value, count);
    if (placeholder === undefined) return;
    this.#counts.set(kind, count);
    this.#know(value, kind, placeholder);
    if (kind !== "mac") return;
    // The same without what parts it, as names and numbers of rigs are made of it.
    const [bare, bareHolder] = [value, placeholder].map((mac) => mac.replace(/[:-]/g, ""));
    for (const form of [bare!.toLowerCase(), bare!.toUpperCase()])
      if (!this.#known.has(form)) this.#know(form, kind, bareHolder!);
  }

  #know(value: string, kind: Kind, placeholder: string): void {
    this.#known.set(value, { kind, placeholder });
    const { length } = value;
    if (length > MOST_INSIDE || this.#lengths.includes(length)) return;
    this.#lengths = [...this.#lengths, length].sort((a, b) => b - a);
  }

  #placeholder(kind: Kind, value: string, count: number): string | undefined {
    switch (kind) {
      case "account":
        // Pool, account and worker stay apart: `account1.worker2`.
        return value
          .split(".")
          .map((part, i) => this.#part(part, i === 0 ? "account" : "worker"))
          .join(".");
      case "name":
        return `name${count}`;
      case "serial":
        return `EXAMPLE${count}`.padEnd(Math.min(value.length, 64), "0").slice(0, Math.max(8, value.length));
      case "mac":
        return macLike(value, count);
      case "address":
        return value.includes(":") ? `2001:db8::${count.toString(16)}` : `192.0.2.${count % 255}`;
      case "secret":
        return "x";
    }
  }

  #part(part: string, word: "account" | "worker"): string {
    const key = `${word}/${part}`;
    let placeholder = this.#accounts.get(key);
    if (placeholder === undefined) {
      placeholder = `${word}${++this.#parts[word]}`;
      this.#accounts.set(key, placeholder);
    }
    return placeholder;
  }
}

/** Whether the code of a character is of a word: a letter, a digit, an underscore; none is beyond the text. */
const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);

/** Whether a value is replaced wherever it stands between words. */
const isInside = (kind: Kind, { length }: string): boolean =>
  kind !== "name" && (length >= LEAST_INSIDE || kind === "mac" || kind === "address");

/** Whether a short value or a name is all that stands there, between quotes or what parts values. */
const isWhole = (text: string, at: number, end: number, kind: Kind, { length }: string): boolean =>
  // A short secret may be anything elsewhere: a fan's speed, a password of "123".
  (kind !== "secret" || length >= LEAST_INSIDE) &&
  /["=[]/.test(text.charAt(at - 1)) &&
  (end === text.length || /^(\\?"|[|,\]])/.test(text.slice(end, end + 2)));

const kindOf = (key: string): Kind | undefined => KEYS.find(([pattern]) => pattern.test(key))?.[1];

/** A locally administered address in the form of the given one; undefined for what is none. */
function macLike(value: string, count: number): string | undefined {
  const hex = value.replace(/[:-]/g, "");
  if (!/^[0-9a-f]{12}$/i.test(hex)) return undefined;
  const digits = `02${count.toString(16).padStart(10, "0")}`;
  const separator = /[:-]/.exec(value)?.[0] ?? "";
  const text = digits.match(/../g)!.join(separator);
  return /[A-F]/.test(value) ? text.toUpperCase() : text;
}
