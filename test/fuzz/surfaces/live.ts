import { fullRig, startToldServer } from "../../support/toldServer.js";
import { mutate, Seeded } from "../mutators.js";
import { NASTY_TEXTS } from "../nasty.js";
import { WireClient } from "../rawWebSocket.js";
import { type Input, type Outcome, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";

const PARALLEL = 16;
const GOOD = [
  '{"op":"subscribe","channel":"fleet"}',
  '{"op":"subscribe","channel":"totals","from":{"epoch":"e","seq":0}}',
  '{"op":"subscribe","channel":"alerts","from":{"epoch":"x","seq":9007199254740991}}',
  '{"op":"subscribe","channel":"rig:r1"}',
  '{"op":"subscribe","channel":"rig:r999"}',
  '{"op":"unsubscribe","channel":"fleet"}',
  '{"op":"unsubscribe","channel":"rig:r1"}',
];
/** Opcodes of RFC 6455, 5.2; the others are reserved. */
const OPCODES = {
  text: 1,
  binary: 2,
  ping: 9,
  pong: 10,
  close: 8,
  more: 0,
  reserved: 3,
  "reserved control": 11,
} as const;
const FRAMINGS = [
  "in pieces",
  "unmasked",
  "reserved bits",
  "length of 64 bits",
  "huge length",
  "never ends",
  "many at once",
];
const UPGRADES: readonly Record<string, string>[] = [
  { "sec-websocket-protocol": "x, y, __proto__" },
  { "sec-websocket-protocol": "a".repeat(4_000) },
  { "sec-websocket-version": "99" },
  { "sec-websocket-key": "short" },
  { "sec-websocket-extensions": "permessage-deflate; client_max_window_bits=99; x" },
  { host: "evil.example" },
  { origin: "http://evil.example" },
  { upgrade: "h2c" },
];

/** Where refusals are counted; an upgrade to another protocol is a request like any other. */
const FRAMES = /^live-frame$/;
const UPGRADED = /^(live-connection|http-request)$/;

/** Frames on the live feed of a whole server, over connections that many inputs share. */
export const live: Surface = {
  name: "live",
  parallel: PARALLEL,
  async start(seed) {
    const odd = oddValues(seed);
    const server = await startToldServer();
    await server.tell([fullRig(1), fullRig(2), fullRig(3)]);
    const port = Number(new URL(server.url).port);
    const free = Array.from({ length: PARALLEL }, () => new WireClient(port));
    const health = async () =>
      (await (await fetch(`${server.url}/api/health`)).json()) as {
        counters: { liveClients: number };
        refusals: { kind: string; count: number; last: string }[];
      };
    const counted = async (kinds: RegExp) =>
      (await health()).refusals.reduce((sum, { kind, count }) => sum + (kinds.test(kind) ? count : 0), 0);
    let told = 0;
    let turnedAway = 0;
    const before = { frames: await counted(FRAMES), upgrades: await counted(UPGRADED) };
    const upgrade = async (client: WireClient, index: number): Promise<Outcome> => {
      const status = await client.knock(UPGRADES[index % UPGRADES.length]!);
      if (status === 101) return { kind: "accepted" };
      promised(status >= 400 && status < 500, `an upgrade was answered with ${status}`);
      turnedAway++;
      return { kind: "refused", code: `live-${status}`, reason: `the upgrade was answered with ${status}` };
    };
    return {
      make(index): Input {
        const chance = new Seeded(seed * 1_000_003 + index);
        const real = chance.next() < 0.1 ? JSON.stringify(chance.of(NASTY_TEXTS)) : chance.of(GOOD);
        const { bytes, how } = mutate(Buffer.from(real), chance, odd, 0.5);
        const framing =
          chance.next() < 0.004
            ? `upgrade ${chance.whole(0, UPGRADES.length - 1)}`
            : chance.next() < 0.8
              ? "plain"
              : chance.of(FRAMINGS);
        const opcode = chance.next() < 0.85 ? "text" : chance.of(Object.keys(OPCODES));
        return {
          bytes: bytes.length > 200_000 ? bytes.subarray(0, 200_000) : bytes,
          about: { how, framing, opcode },
        };
      },
      async give({ bytes, about }): Promise<Outcome> {
        const client = free.pop()!;
        try {
          if (about.framing!.startsWith("upgrade"))
            return await upgrade(client, Number(about.framing!.slice(8)));
          const { closed, frames } = await client.say(
            bytes,
            OPCODES[about.opcode as keyof typeof OPCODES],
            about.framing!,
          );
          for (const frame of frames) {
            const { t, message } = JSON.parse(frame) as { t: string; message?: string };
            if (t !== "error") continue;
            told++;
            return { kind: "refused", code: "live-frame", reason: message ?? "" };
          }
          if (closed === undefined) return { kind: "accepted" };
          promised(
            closed === 0 || (closed >= 1_000 && closed < 5_000 && closed !== 1_011),
            `closed with ${closed}`,
          );
          return {
            kind: "refused",
            code: `closed-${closed}`,
            reason: `the connection was closed with ${closed}`,
          };
        } finally {
          free.push(client);
        }
      },
      async good() {
        for (const client of free) client.close();
        const good = new WireClient(port);
        const { frames } = await good.say(Buffer.from(GOOD[0]!), OPCODES.text, "plain");
        promised(
          frames.some((frame) => frame.includes('"t":"snap"')),
          "a good subscription gets no snapshot any more",
        );
        good.close();
        promised((await counted(FRAMES)) - before.frames >= told, "frames were refused and not counted");
        promised(
          (await counted(UPGRADED)) - before.upgrades >= turnedAway,
          "upgrades were refused and not counted",
        );
        const { refusals, counters } = await health();
        promised(!refusals.some(({ kind }) => kind === "internal"), `a defect: ${JSON.stringify(refusals)}`);
        promised(counters.liveClients <= 2 * PARALLEL, `${counters.liveClients} clients are still there`);
      },
      async close() {
        for (const client of free) client.close();
        await server.close();
      },
    };
  },
};
