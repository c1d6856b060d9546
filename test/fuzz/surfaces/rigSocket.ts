import { onlyTcp } from "@hashwatt/agent/fixtures/scriptedLink";
import { openTcpLink } from "@hashwatt/agent/links/tcp";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession } from "@hashwatt/agent/rigSession";
import { systemClock } from "@hashwatt/protocol/time";
import { BEHAVIOURS, type Behaviour, startHostileRig } from "../hostileRig.js";
import { Seeded } from "../mutators.js";
import { realRigs } from "../realReplies.js";
import { promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";
import { hostileAnswer, judged } from "./rigReply.js";

/** The reader's own bounds, shorter: what is promised is that they hold, not how long they are. */
const LIMITS = { connectMs: 2_000, answerMs: 150, maxBytes: 512 * 1024 };
const PARALLEL = 96;
const NAMES = Object.keys(BEHAVIOURS) as Behaviour[];

/** Rigs on real sockets that break every custom of the wire, read by the real reader. */
export const rigSocket: Surface = {
  name: "rig-socket",
  parallel: PARALLEL,
  async start(seed) {
    const rigs = await realRigs();
    const odd = oddValues(seed);
    const stop = new AbortController();
    const link = openTcpLink(systemClock, LIMITS, stop.signal);
    const free = await Promise.all(Array.from({ length: PARALLEL }, () => startHostileRig()));
    const all = [...free];
    const read = async (place: (typeof all)[number]) =>
      (await readRig(newRigSession("127.0.0.1", place.port), onlyTcp(link), systemClock)).reading;
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const { bytes, about } = hostileAnswer(rigs, odd, chance);
        return { bytes, about: { ...about, behaviour: chance.of(NAMES) } };
      },
      async give({ bytes, about }) {
        const place = free.pop()!;
        place.is = {
          replies: rigs[Number(about.rig)]!.replies,
          victim: about.victim!,
          bytes,
          behaviour: about.behaviour as Behaviour,
        };
        try {
          return await judged(() => read(place));
        } finally {
          place.drop();
          free.push(place);
        }
      },
      async good() {
        promised(link.inFlight === 0, `${link.inFlight} exchanges were never ended`);
        const place = all[0]!;
        place.is = {
          replies: rigs[0]!.replies,
          victim: "",
          bytes: Buffer.alloc(0),
          behaviour: "answers and closes",
        };
        promised((await judged(() => read(place))).kind === "accepted", "a good rig is not read any more");
      },
      async close() {
        stop.abort();
        await Promise.all(all.map((place) => place.close()));
      },
    };
  },
};
