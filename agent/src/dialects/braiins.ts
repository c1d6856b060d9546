import type { BoardReading, Reading } from "../reading.js";
import { dig, rowOf } from "../replies/members.js";
import { readNumber, readText } from "../replies/readNumber.js";
import { jsonOf, type Reply, type Row, rowsOf } from "../replies/reply.js";
import { highest } from "./boards.js";
import { readMac } from "./cgminerParts.js";
import { HOURLY_MS, LOOK, type Seen, type Verdict, type WebPage } from "./dialect.js";
import { fansBeside } from "./hydro.js";
import { graphql, http, type Question } from "./questions.js";

/** What reads a rig with Braiins OS: its cgminer API, GraphQL (21.09 to 25.05), or REST (from 25.07 on). */
export type BraiinsEra = "bosminer" | "graphql" | "rest";

/** Which build it is and what it is called; open to anybody, and on builds that are read by REST there as well. */
export const IDENTITY = graphql("identity", "{ bos { hostname info { version { full } } } }", {
  everyMs: HOURLY_MS,
});

/** The version of the REST API; of all its answers the one that may come without a login. */
export const API_VERSION = http("GET", "/api/v1/version", { everyMs: HOURLY_MS });

/**
 * A login of nobody, which opens nothing and gives nothing away. What the REST API says to it tells whether a web interface that
 * shuts everybody out is this one, before a user of the config is named there.
 */
export const NOBODY = http("POST", "/api/v1/auth/login", {
  name: "nobody's login",
  body: { username: "", password: "" },
  form: "text",
  anyStatus: true,
});

/** The address of the wired port, where LuCI still serves the pages of OpenWrt; it may want a login of its own. */
export const LAN = http("GET", "/cgi-bin/luci/admin/network/iface_status/lan", { everyMs: HOURLY_MS });

/** The first build that is read by REST. */
const FIRST_REST = 25 * 100 + 7;

/** Commands of the cgminer API that an unknown rig is asked. */
const COMMANDS = ["version", "summary", "stats", "devdetails", "get_version", "status"];

/**
 * How a rig with Braiins OS is to be read; the question that would tell; undefined where nothing speaks for Braiins OS so far.
 * Its `version` names the program but not the build: BOSminer until 2021, BOSer since. Where the cgminer API is closed, web
 * page and APIs tell. Many a stranger's web interface shuts everybody out: that is no sign of Braiins OS, only its way of
 * refusing a login is.
 */
export function eraOf(seen: Seen): BraiinsEra | Question | undefined {
  const program = programOf(seen);
  if (program === "bosminer") return "bosminer";
  const { page } = seen;
  const looked = seen.asked.has(LOOK);
  if (program === undefined) {
    const speaks = COMMANDS.some((command) => seen.by[command] !== undefined);
    // Others say whom they take for granted: Digest and Basic come with a realm.
    if (speaks || seen.httpOnApi || !page || page.realm !== undefined) return undefined;
  } else if (looked && !page) return "bosminer";

  const isOurs = program !== undefined || /braiins/.test(page?.text ?? "");
  const isShut = page?.status === 401;
  if (!isOurs && !seen.asked.has(API_VERSION.name)) return API_VERSION;
  const rest = readApiVersion(seen.by[API_VERSION.name]);
  if (!isShut && !seen.asked.has(IDENTITY.name)) return IDENTITY;
  const full = versionOf(seen.by[IDENTITY.name]);
  if (full !== undefined) return buildOf(full) >= FIRST_REST ? "rest" : "graphql";
  if (rest !== undefined) return "rest";
  if (!seen.asked.has(API_VERSION.name)) return API_VERSION;
  // Its REST API wants a login before it tells anything.
  if (page && isOurs) return "rest";
  if (!page || !seen.shut?.has(API_VERSION.name)) return undefined;
  if (!seen.asked.has(NOBODY.name)) return NOBODY;
  return refusesLogins(seen.by[NOBODY.name], page) ? "rest" : undefined;
}

/** Whether an answer refuses a login in the API's own words, and not as this web interface refuses everything. */
function refusesLogins(reply: Reply | undefined, page: WebPage): boolean {
  const text = typeof reply?.value === "string" ? reply.value : "";
  if (text === "" || text.toLowerCase() === page.text) return false;
  try {
    return typeof rowOf(JSON.parse(text))?.message === "string";
  } catch {
    return false;
  }
}

/** The verdict of the dialect that reads one era. */
export function claim(seen: Seen, era: BraiinsEra): Verdict {
  const found = eraOf(seen);
  if (typeof found === "object") return { kind: "ask", question: found };
  return { kind: found === era ? "mine" : "not" };
}

/** The mining program by `version` or by how it describes itself in every answer. */
function programOf({ by }: Seen): "bosminer" | "boser" | undefined {
  const version = rowsOf(by.version, "VERSION")?.[0];
  for (const key in version) {
    const name = /^(bosminer|boser)\b/i.exec(key)?.[1];
    if (name) return name.toLowerCase() as "bosminer" | "boser";
  }
  for (const reply of Object.values(by)) {
    const name = descriptionOf(reply)?.program;
    if (name) return name;
  }
  return undefined;
}

/** Program and build of an answer's `Description`: `BOSminer bosminer-plus-am2-s17 0.8.0-feaec278`. */
export function descriptionOf(
  reply: Reply | undefined,
): { program: "bosminer" | "boser"; build: string } | undefined {
  const text = readText(rowsOf(reply, "STATUS")?.[0]?.Description, 200);
  const told = /^(bosminer|boser)\S*\s+(.+)$/i.exec(text ?? "");
  if (!told) return undefined;
  return { program: told[1]!.toLowerCase() as "bosminer" | "boser", build: told[2]! };
}

/** `2025-04-07-0-424f9a7f-25.03-plus`: the day and commit it was built from, and what it is called. */
export const versionOf = (reply: Reply | undefined): string | undefined =>
  readText(dig(dataOf(reply), "bos", "info", "version", "full"), 200);

/** 2503 of `…-25.03-plus` and of `25.03.1`; 0 where it says none. */
function buildOf(full: string): number {
  const told = /(?:^|-)(\d\d)\.(\d\d)(?:\.\d+)*(?:-|$)/.exec(full);
  return told ? Number(told[1]) * 100 + Number(told[2]) : 0;
}

/** `1.1.0` of the REST API's answer about itself; undefined for another's. */
export function readApiVersion(reply: Reply | undefined): string | undefined {
  const { major, minor, patch } = reply?.members ?? {};
  const parts = [major, minor, patch].map(readNumber);
  return parts.every((part) => Number.isInteger(part)) ? parts.join(".") : undefined;
}

/** What a GraphQL answer holds, as far as the rig could answer it. */
export const dataOf = (reply: Reply | undefined): Row | undefined => rowOf(reply?.members.data);

/** The address that the page of the wired port tells. */
export function lanMac(reply: Reply): string | undefined {
  const ports = jsonOf(reply);
  return readMac(dig(Array.isArray(ports) ? ports[0] : ports, "macaddr"));
}

/** Rigs with two fans, of which the firmware lists four slots all the same. */
const TWO_FANS = /antminer [st]9\b|dragonmint/i;

/** The fans that a rig of this model has, of the slots that the firmware lists. */
export const fansOf = (rpm: readonly number[], model: string | undefined): number[] | undefined => {
  const fans = model !== undefined && TWO_FANS.test(model) ? rpm.slice(0, 2) : [...rpm];
  return fans.length ? fansBeside(model, fans) : undefined;
};

/**
 * Where the limit counts at which the firmware runs its fans at full speed: it goes by the hottest sensor there is, which is a
 * chip's where chips have sensors (bosminer-template.toml of braiins/braiins; `highest_temperature` of the public API).
 */
export function limitsOf(
  hotC: number | undefined,
  boards: readonly BoardReading[] | undefined,
): Pick<Reading, "boardLimitC" | "chipLimitC"> {
  if (highest(boards, "chipTempC") !== undefined) return { chipLimitC: hotC };
  return highest(boards, "boardTempC") === undefined ? {} : { boardLimitC: hotC };
}

/** A model as Braiins OS prints it, as everybody writes it: `Bitmain Antminer S19XP`. */
export const modelOf = (value: unknown): string | undefined =>
  readText(value, 100)
    ?.replace(/^bitmain\s+/i, "")
    .replace(/\b(S\d\d)XP\b/i, "$1 XP");

/** Whose machine it runs on, by the name of the model; undefined while that is not known. */
export function makeOf(model: string | undefined): string | undefined {
  if (model === undefined) return undefined;
  if (/whatsminer|^m\d\d/i.test(model)) return "MicroBT";
  if (/dragonmint/i.test(model)) return "Halong";
  return /^bmm|braiins/i.test(model) ? "Braiins" : "Bitmain";
}
