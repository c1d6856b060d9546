import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { AlertView } from "@hashwatt/protocol/http";
import { startMailServer } from "../support/mailServer.js";
import { until } from "../support/wait.js";
import { bounded, type Figure, reported } from "./figure.js";
import type { PrepareOptions } from "./publisher.js";
import { openStack } from "./stack.js";
import { startWorker } from "./worker.js";

const RIGS = 10_000;
const PER_BATCH = 500;
const INTERVAL_MS = 5_000;
/** Long enough for what a burst leaves to be told and stored. */
const SETTLE_MS = 4_000;
const MOST_STALL_MS = 100;
/** What each kind takes, in characters of its text; webhook, Alertmanager and MQTT are read by programs. */
const MOST = { telegram: 4_096, discord: 2_000, ntfy: 4_096, slack: 3_000, email: 8_000 } as const;
type Human = keyof typeof MOST;

const probe = fileURLToPath(new URL("loopProbe.mjs", import.meta.url));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Ten thousand rigs that overheat in the same moment, in a real server with every kind of channel: how long its event loop
 * stands, beside the same burst of readings without a breach, and what each channel says.
 */
export async function breachStall(say: (line: string) => void): Promise<Figure[]> {
  const heard = new Map<string, string[]>();
  const hook = await listening(heard);
  const at = (kind: string) => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${kind}`;
  const mail = await startMailServer("ops:x");
  const stack = await openStack("breach");
  const publisher = startWorker("publisher.ts");
  try {
    const server = await stack.startServer(
      {
        alerts: {
          channels: [
            { id: "webhook-1", kind: "webhook", url: at("webhook") },
            { id: "am", kind: "alertmanager", url: at("alertmanager") },
            { id: "telegram", kind: "telegram", url: at("telegram"), token: "t", chat: "1" },
            { id: "discord", kind: "discord", url: at("discord") },
            { id: "slack", kind: "slack", url: at("slack") },
            { id: "ntfy", kind: "ntfy", url: at("ntfy/topic") },
            { id: "mqtt", kind: "mqtt" },
            {
              id: "mail",
              kind: "email",
              host: "127.0.0.1",
              port: mail.port,
              tls: "none",
              from: "a@farm.example",
              to: ["b@farm.example"],
            },
          ],
        },
      },
      ["--import", probe],
    );
    await publisher.call("connect", { url: stack.mqttUrl, site: stack.site, agent: "breach" });
    let round = 0;
    /** A reading of every rig at once. */
    const burst = async (hotterC: number, evidence = false): Promise<Stall> => {
      const options: PrepareOptions = {
        from: 0,
        rigs: RIGS,
        samples: RIGS,
        perBatch: PER_BATCH,
        kind: "full",
        intervalMs: INTERVAL_MS,
        startMs: Date.now() - 1_000,
        round: round++,
        evidence,
        hotterC,
      };
      await publisher.call("prepare", options);
      await sleep(500);
      const from = server.lines.length;
      await publisher.call("send", { window: 64 });
      await sleep(SETTLE_MS);
      const said = server.lines.slice(from).flatMap((line) => {
        const [, wallMs, cpuMs] = /^loop ([\d.]+) ([\d.]+)$/.exec(line) ?? [];
        return cpuMs === undefined ? [] : [{ wallMs: Number(wallMs), cpuMs: Number(cpuMs) }];
      });
      return worst(said);
    };
    say("identities and warm-up");
    await burst(0, true);
    for (let i = 0; i < 4; i++) await burst(0);
    const bursts: Stall[] = [];
    for (let i = 0; i < 4; i++) bursts.push(await burst(0));
    const calm = worst(bursts);
    say(`without a breach: ${shown(calm)}`);
    heard.clear();
    // The second sample confirms: then all of them fire.
    const hot = worst([await burst(38), await burst(38)]);
    const firing = await until("all of it fires", async () => {
      const open = await stack.get<AlertView[]>("/api/alerts?state=firing&rule=overheating");
      return open.length > 0 && open;
    });
    const members = Math.max(...firing.map((alert) => alert.members?.peak ?? 1));
    say(`all at once: ${shown(hot)}; one alert of ${members} rigs`);
    await until("people are told", () => heard.has("slack") && mail.mails.length > 0);
    const texts = textsOf(heard);
    texts.email = mail.mails.map(({ text }) => text);
    const ended = await burst(0);
    say(`they cool down: ${shown(ended)}`);
    return [
      bounded(
        "event loop stands while 10,000 rigs overheat at once",
        hot.wallMs,
        "ms",
        { atMost: MOST_STALL_MS },
        { floor: calm.wallMs, note: "beside the same readings at once without a breach" },
      ),
      reported("the same by the CPU time of its thread", hot.cpuMs, "ms", { floor: calm.cpuMs }),
      reported("rigs of that alert", members, ""),
      ...(Object.keys(MOST) as Human[]).flatMap((kind) => [
        bounded(`messages to ${kind}`, texts[kind].length, "", { atMost: 1 }),
        bounded(`its text`, Math.max(0, ...texts[kind].map((text) => text.length)), "characters", {
          atMost: MOST[kind],
        }),
      ]),
      reported("messages to a webhook", heard.get("webhook")?.length ?? 0, ""),
      reported("messages to Alertmanager", heard.get("alertmanager")?.length ?? 0, ""),
    ];
  } finally {
    await stack.close();
    await publisher.stop();
    await mail.close();
    hook.close();
  }
}

/** How long the event loop stood: by the clock, and by the CPU time of its thread. */
interface Stall {
  wallMs: number;
  cpuMs: number;
}

const worst = (stalls: readonly Stall[]): Stall => ({
  wallMs: Math.max(...stalls.map(({ wallMs }) => wallMs)),
  cpuMs: Math.max(...stalls.map(({ cpuMs }) => cpuMs)),
});
const shown = ({ wallMs, cpuMs }: Stall): string => `${wallMs} ms, ${cpuMs} ms of CPU`;

/** What people read in each message. */
function textsOf(heard: ReadonlyMap<string, readonly string[]>): Record<Human, string[]> {
  const bodies = (kind: string) =>
    (heard.get(kind) ?? []).map((body) => JSON.parse(body) as Record<string, string>);
  return {
    telegram: bodies("telegram").map(({ text }) => text!.replace(/<[^>]*>/g, "")),
    discord: bodies("discord").map(({ content }) => content!),
    slack: bodies("slack").map(({ text }) => text!),
    ntfy: bodies("ntfy").map(({ message }) => message!),
    email: [],
  };
}

/** A receiver of all kinds that takes everything; bodies by the first part of the path. */
async function listening(heard: Map<string, string[]>): Promise<Server> {
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const kind = request.url!.split("/")[1]!;
      heard.set(kind, [...(heard.get(kind) ?? []), body]);
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}
