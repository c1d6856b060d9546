import { isUtf8 } from "node:buffer";
import { validateHeaderValue } from "node:http";
import { AgentError } from "@hashwatt/agent/agentError";
import { gone, scriptedLink, UNKNOWN } from "@hashwatt/agent/fixtures/scriptedLink";
import type { HttpAnswer, HttpRequest } from "@hashwatt/agent/links/http";
import type { RigLinks } from "@hashwatt/agent/links/rigLinks";
import type { Logins } from "@hashwatt/agent/logins";
import { askLater, readRig } from "@hashwatt/agent/readRig";
import { newRigSession, type RigSession } from "@hashwatt/agent/rigSession";
import { Secret } from "@hashwatt/agent/secret";
import { fakeClock } from "@hashwatt/protocol/time";
import { framedAnswer } from "../hostileFrames.js";
import { mutate, Seeded } from "../mutators.js";
import { type Input, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";
import { CHALLENGES, realAnswer, type WebRig, webRigs } from "../webRigs.js";
import { judged } from "./rigReply.js";

const START = Date.UTC(2026, 0, 1);
/** Requests of one reading that no rig needs: beyond, somebody goes round in circles. */
export const MOST_REQUESTS = 60;
const LOGIN = { username: "root", password: new Secret("root") };
/** Every rig's login is known. */
export const LOGINS: Logins = { find: () => LOGIN, allowDefaults: true, version: 1 };
const STATUSES = [200, 201, 204, 206, 301, 302, 304, 400, 401, 403, 404, 418, 429, 500, 503, 599, 999];
const PARTS = ["body", "body", "body", "body", "body", "body", "challenge", "location", "server", "status"];

const heard = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? "utf8" : "latin1").trim();
/** What a header can hold on the wire. */
const headerOf = (bytes: Buffer): string =>
  bytes
    .toString("latin1")
    .replace(/[\r\n\0]/g, "")
    .slice(0, 16_000);

/** A rig's ways with one of its answers changed, and how often it was asked. */
function waysTo(rig: WebRig, { victim, part, status, cut }: Input["about"], bytes: Buffer) {
  let requests = 0;
  const asked = (name: string): boolean => {
    promised(++requests <= MOST_REQUESTS, `asked more than ${MOST_REQUESTS} times in one reading`);
    return victim === "*" || victim === name;
  };
  const answer = (
    text: string,
    code = 200,
    headers: Record<string, string> = {},
    challenges: string[] = [],
  ): HttpAnswer => ({
    status: code,
    headers: challenges.length ? { ...headers, "www-authenticate": challenges.join(", ") } : headers,
    challenges,
    text,
    cut: false,
  });
  const hostile = (real: string): HttpAnswer => {
    switch (part) {
      case "challenge":
        return answer(real, 401, {}, [headerOf(bytes)]);
      case "location":
        return answer("", 302, { location: headerOf(bytes) });
      case "server":
        return answer(real, 200, {
          server: headerOf(bytes),
          "content-type": headerOf(bytes),
          "set-cookie": headerOf(bytes),
        });
      case "status":
        return answer(real, Number(status));
      default:
        return { ...answer(heard(bytes)), cut: cut === "true" };
    }
  };
  const ask = (request: HttpRequest): HttpAnswer => {
    // As Node does before it sends one.
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      validateHeaderValue(name, value);
      promised(!/^basic/i.test(value), "the password itself was sent, which the login does not allow");
    }
    const name = `${request.method} ${request.path.replace(/\?.*$/s, "")}`;
    if (asked(name)) return hostile(rig.routes[name] ?? "");
    const isIn = Object.keys(request.headers ?? {}).some((header) => /authorization|cookie/i.test(header));
    const { status, text, challenge } = realAnswer(rig, name, isIn);
    return answer(text, status, {}, challenge === undefined ? [] : [challenge]);
  };
  const tcp = scriptedLink(rig.tcp ?? {});
  tcp.wire = (reply, command) => {
    if (!rig.tcp) throw gone();
    if (!command.split("+").some((one) => asked(one))) return reply;
    const text = heard(bytes.subarray(0, Math.max(0, bytes.indexOf(0)) || bytes.length));
    if (!text) throw new AgentError("empty", "192.0.2.1:4028 answered nothing");
    return { text, nul: bytes.includes(0) };
  };
  const links: RigLinks = {
    tcp,
    http: { ask: async (_address, _port, request) => ask(request), idle: 0, close() {} },
    framed: {
      async ask(_address, _port, request) {
        if (!rig.v3) throw gone();
        const { name, text } = framedAnswer(rig, request);
        return asked(name) ? heard(bytes) : text;
      },
      close() {},
    },
    logins: LOGINS,
    close() {},
  };
  return links;
}

/** The session of a rig that is known, as it was before any reading of a run changed it; all of its questions are due. */
export const asKnown = (before: RigSession): RigSession => ({
  // What a session holds is made anew by each reading; but what is known of its web interface changes in place.
  ...before,
  askedMs: before.askedMs.map(() => Number.NEGATIVE_INFINITY),
  web: { refusals: 0, untilMs: 0, version: 0 },
});

const namesOf = ({ tcp, routes, v3 }: WebRig): string[] =>
  [tcp, routes, v3].flatMap((way) => Object.keys(way ?? {}));
const realOf = ({ tcp, routes, v3 }: WebRig, name: string): string =>
  routes[name] ?? v3?.[name] ?? tcp?.[name] ?? UNKNOWN;

/** Answers of web interfaces and of the WhatsMiner API 3, logins among them, to the real reader: for volume, without sockets. */
export const webReply: Surface = {
  name: "web-reply",
  parallel: 1,
  async start(seed) {
    const rigs = webRigs();
    const odd = oddValues(seed);
    const clock = fakeClock(START);
    const read = async (rig: WebRig, session: RigSession, about: Input["about"], bytes: Buffer) => {
      const links = waysTo(rig, about, bytes);
      const { reading } = await readRig(session, links, clock, true);
      await askLater(session, links, clock);
      return reading;
    };
    const good = { victim: "", part: "body", status: "200", cut: "false" };
    const known: (RigSession | undefined)[] = [];
    for (const rig of rigs) {
      const session = newRigSession("192.0.2.1", 4028);
      const { kind } = await judged(() => read(rig, session, good, Buffer.alloc(0)));
      known.push(kind === "accepted" ? session : undefined);
    }
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const at = chance.whole(0, rigs.length - 1);
        const rig = rigs[at]!;
        const name = chance.of(namesOf(rig));
        const part = chance.of(PARTS);
        const base =
          part === "challenge" ? chance.of(CHALLENGES) : part === "body" ? realOf(rig, name) : "/login?x=1";
        const { bytes, how } = mutate(Buffer.from(base, "latin1"), chance, odd);
        return {
          bytes,
          about: {
            rig: String(at),
            name: rig.name,
            victim: chance.next() < 0.1 ? "*" : name,
            how,
            part,
            status: String(chance.of(STATUSES)),
            cut: String(chance.next() < 0.1),
            known: String(chance.next() < 0.6),
          },
        };
      },
      give({ bytes, about }) {
        const at = Number(about.rig);
        const before = known[at];
        const session = about.known === "true" && before ? asKnown(before) : newRigSession("192.0.2.1", 4028);
        return judged(() => read(rigs[at]!, session, about, bytes));
      },
      async good() {
        promised(known.filter(Boolean).length >= 2, "hardly a rig is read");
        for (const [at, rig] of rigs.entries()) {
          if (!known[at]) continue;
          const { kind } = await judged(() =>
            read(rig, newRigSession("192.0.2.1", 4028), good, Buffer.alloc(0)),
          );
          promised(kind === "accepted", `${rig.name} is not read any more`);
        }
      },
      async close() {},
    };
  },
};
