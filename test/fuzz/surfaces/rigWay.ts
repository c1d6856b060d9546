import { gone, scriptedLink } from "@hashwatt/agent/fixtures/scriptedLink";
import type { HttpRequest } from "@hashwatt/agent/links/http";
import { openRigLinks, type RigLinks } from "@hashwatt/agent/links/rigLinks";
import { askLater, readRig } from "@hashwatt/agent/readRig";
import { newRigSession, type RigSession } from "@hashwatt/agent/rigSession";
import { systemClock } from "@hashwatt/protocol/time";
import type { Place } from "../hostilePlace.js";
import { mutate, Seeded } from "../mutators.js";
import { promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";
import { type WebRig, webRigs } from "../webRigs.js";
import { judged } from "./rigReply.js";
import { asKnown, LOGINS, MOST_REQUESTS } from "./webReply.js";

/** The reader's own bounds, shorter: what is promised is that they hold, not how long they are. */
const LIMITS = { connectMs: 2_000, answerMs: 250, maxBytes: 512 * 1024 };
/** For good rigs, which must be read on a busy machine too. */
const PATIENT = { ...LIMITS, answerMs: 10_000 };
const PARALLEL = 48;

/** What a rig is at the moment: which of its answers is `bytes` (`*`: all), and how it gives that. */
interface Hostility<B extends string> {
  rig: WebRig;
  victim: string;
  bytes: Buffer;
  behaviour: B;
}

/** A way to a rig beside the cgminer API, which stays without sockets. */
export interface RigWay<B extends string> {
  name: string;
  over: "http" | "framed";
  behaviours: readonly B[];
  /** The one that breaks nothing. */
  good: B;
  /** What a rig says over it, by the names of what it is asked. */
  answersOf(rig: WebRig): Readonly<Record<string, string>>;
  open(is: Hostility<B>): Promise<Place<Hostility<B>>>;
}

/** Links that lead to a place, over real sockets, whatever the port that a dialect knows. */
function linksTo(
  real: RigLinks,
  { port }: Place<unknown>,
  { tcp }: WebRig,
  over: "http" | "framed",
  limits: typeof LIMITS,
): RigLinks {
  const cgminer = scriptedLink(tcp ?? {});
  cgminer.wire = (reply) => {
    if (!tcp) throw gone();
    return reply;
  };
  const nobody = async () => {
    throw gone();
  };
  const ask = (_address: string, _port: number, request: HttpRequest, own?: object) =>
    real.http.ask("127.0.0.1", port, { ...request, tls: false }, { ...own, ...limits });
  return {
    tcp: cgminer,
    http: { ask: over === "http" ? ask : nobody, idle: 0, close() {} },
    framed: {
      ask:
        over === "framed"
          ? (_address, _port, text) => real.framed.ask("127.0.0.1", port, text, limits)
          : nobody,
      close() {},
    },
    logins: LOGINS,
    close() {},
  };
}

/** Rigs on real sockets that break every custom of a way, read by the real reader over the real link. */
export const rigWay = <B extends string>({
  name,
  over,
  behaviours,
  good,
  answersOf,
  open,
}: RigWay<B>): Surface => ({
  name,
  parallel: PARALLEL,
  async start(seed) {
    const rigs = webRigs().filter((rig) => Object.keys(answersOf(rig)).length > 0);
    const odd = oddValues(seed);
    const stop = new AbortController();
    const real = openRigLinks(systemClock, LIMITS, stop.signal, LOGINS);
    const asItIs = (rig: WebRig): Hostility<B> => ({
      rig,
      victim: "",
      bytes: Buffer.alloc(0),
      behaviour: good,
    });
    const all = await Promise.all(Array.from({ length: PARALLEL }, () => open(asItIs(rigs[0]!))));
    const free = [...all];
    const read = (place: (typeof all)[number], is: Hostility<B>, session: RigSession, limits = LIMITS) =>
      judged(async () => {
        place.is = is;
        place.requests = 0;
        try {
          const links = linksTo(real, place, is.rig, over, limits);
          const { reading } = await readRig(session, links, systemClock, true);
          await askLater(session, links, systemClock);
          return reading;
        } finally {
          place.drop();
          promised(place.requests <= MOST_REQUESTS, `asked ${place.requests} times in one reading`);
        }
      });
    const known: (RigSession | undefined)[] = [];
    for (const rig of rigs) {
      const session = newRigSession("127.0.0.1", 4028);
      const { kind } = await read(all[0]!, asItIs(rig), session, PATIENT);
      known.push(kind === "accepted" ? session : undefined);
    }
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const at = chance.whole(0, rigs.length - 1);
        const answers = answersOf(rigs[at]!);
        const asked = chance.of(Object.keys(answers));
        const { bytes, how } = mutate(Buffer.from(answers[asked]!, "latin1"), chance, odd);
        return {
          bytes,
          about: {
            rig: String(at),
            name: rigs[at]!.name,
            victim: chance.next() < 0.2 ? "*" : asked,
            how,
            behaviour: chance.of(behaviours),
            known: String(chance.next() < 0.6),
          },
        };
      },
      async give({ bytes, about }) {
        const at = Number(about.rig);
        const before = known[at];
        const session = about.known === "true" && before ? asKnown(before) : newRigSession("127.0.0.1", 4028);
        const place = free.pop()!;
        const { victim } = about;
        try {
          return await read(
            place,
            { rig: rigs[at]!, victim: victim!, bytes, behaviour: about.behaviour as B },
            session,
          );
        } finally {
          free.push(place);
        }
      },
      async good() {
        promised(known.some(Boolean), "no rig is read");
        for (const [at, rig] of rigs.entries()) {
          if (!known[at]) continue;
          const { kind } = await read(all[0]!, asItIs(rig), newRigSession("127.0.0.1", 4028), PATIENT);
          promised(kind === "accepted", `${rig.name} is not read any more`);
        }
      },
      async close() {
        stop.abort();
        await Promise.all(all.map((place) => place.close()));
      },
    };
  },
});
