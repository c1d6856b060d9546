import { connect, createServer, type Socket } from "node:net";
import type { Layout, RigAddress } from "./addresses.js";
import { listen, shut } from "./doors.js";
import { SimulatorError } from "./errors.js";
import type { Fleet } from "./listener.js";
import type { ListedRig } from "./listing.js";
import { durationText } from "./parameters.js";
import { type Incident, whom } from "./scenarios/script.js";
import type { Clock } from "./time.js";

/** A command is one line of JSON, and so is its answer. */
const MOST_BYTES = 65_536;
const SILENCE_MS = 5000;
const MOST_CONNECTIONS = 16;

/** What a running fleet answers: what it did, or why it did not. */
export type ControlReply =
  | { ok: true; says: string; incidents?: ShownIncident[]; rigs?: ListedRig[] }
  | { ok: false; says: string };

/** One incident as "show" lists it; times in ms from now, negative for what has been. */
export interface ShownIncident {
  id: number;
  does: string;
  rigs: number;
  /** How many more were named that lack the part which it befalls; absent where none do. */
  lacking?: number;
  beginsInMs: number;
  /** null: it goes on to the end. */
  endsInMs: number | null;
  with: Readonly<Record<string, unknown>>;
}

/** Where a fleet takes commands: on its base address, at the port after its last one. */
export function controlPlace(
  {
    base,
    port,
    rigs,
    controlPort,
  }: { base: string; port: number; rigs: number; controlPort?: number | false | undefined },
  layout: Layout,
): RigAddress | undefined {
  if (controlPort === false) return undefined;
  const perPort = layout === "per-port";
  return { address: perPort ? "127.0.0.1" : base, port: controlPort ?? port + (perPort ? rigs : 1) };
}

function shown(fleet: Fleet): ShownIncident[] {
  const nowMs = fleet.nowMs();
  return fleet
    .incidents()
    .filter(({ untilMs }) => untilMs > nowMs)
    .map(({ id, does, rigs, lacking, fromMs, untilMs, values }) => ({
      id,
      does,
      rigs: rigs.length,
      ...(lacking > 0 && { lacking }),
      beginsInMs: Math.round(fromMs - nowMs),
      endsInMs: Number.isFinite(untilMs) ? Math.round(untilMs - nowMs) : null,
      with: values,
    }));
}

/** Carries out one command: `{do: "fan-stop", rigs: …}`, `{show: true}`, `{list: true}` or `{end: 3}`. */
export function obey(fleet: Fleet, text: string): ControlReply {
  try {
    const words: unknown = JSON.parse(text);
    if (typeof words !== "object" || words === null || Array.isArray(words))
      throw new SimulatorError(
        "bad-scenario",
        'a command is a map like {"do": "fan-stop", "rigs": "rack-1/3"}',
      );
    if ("show" in words) return { ok: true, says: "what is going on", incidents: shown(fleet) };
    if ("list" in words) return { ok: true, says: "every rig as it is now", rigs: fleet.listed() };
    if ("end" in words) {
      const id = /^\d+$/.test(String(words.end)) ? Number(words.end) : undefined;
      if (id === undefined)
        throw new SimulatorError("bad-scenario", 'end: say what ends, like "end id=3"; "show" lists the ids');
      fleet.end(id);
      return { ok: true, says: `${id} has ended` };
    }
    const id = fleet.happen(words as Record<string, unknown>);
    const incident = fleet.incidents().find((candidate) => candidate.id === id) as Incident;
    const beginsInMs = Math.round(incident.fromMs - fleet.nowMs());
    const whenever = beginsInMs > 0 ? ` in ${durationText(beginsInMs)}` : "";
    return { ok: true, says: `${incident.does} to ${whom(incident, whenever)}, id ${id}` };
  } catch (error) {
    if (error instanceof SimulatorError) return { ok: false, says: error.message };
    if (error instanceof SyntaxError) return { ok: false, says: "this is not one line of JSON" };
    throw error;
  }
}

/** Takes commands for a fleet at this place until it is closed. Throws `port-busy` or `cannot-listen`. */
export async function startControl(
  fleet: Fleet,
  { address, port }: RigAddress,
  clock: Clock,
): Promise<{ port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (open.size >= MOST_CONNECTIONS) {
      socket.destroy();
      return;
    }
    open.add(socket);
    const timer = clock.after(SILENCE_MS, () => socket.destroy());
    socket.once("close", () => {
      timer.cancel();
      open.delete(socket);
    });
    let heard = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      heard += chunk;
      const end = heard.indexOf("\n");
      // A browser that was told to post here begins with a line of HTTP: that is refused like any other nonsense, and nothing follows.
      if (end >= 0 || heard.length > MOST_BYTES) {
        socket.removeAllListeners("data");
        socket.end(`${JSON.stringify(obey(fleet, heard.slice(0, Math.max(0, end))))}\n`);
      }
    });
  });
  const bound = await listen(server, address, port);
  return {
    port: bound,
    async close() {
      const closed = shut(server);
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Says one command to a running fleet. Throws `no-control` when nobody is there or the answer does not come. */
export function command(
  { address, port }: RigAddress,
  words: Readonly<Record<string, unknown>>,
  clock: Clock,
): Promise<ControlReply> {
  const absent = (cause?: unknown) =>
    new SimulatorError(
      "no-control",
      `no running fleet takes commands at ${address}:${port}: give the options that it was started with (--base, --port, --control-port)`,
      { cause },
    );
  return new Promise((resolve, reject) => {
    let heard = "";
    const socket = connect({ host: address, port }, () => socket.write(`${JSON.stringify(words)}\n`));
    const timer = clock.after(SILENCE_MS, () => socket.destroy());
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      heard += chunk;
    });
    socket.on("error", (error) => {
      timer.cancel();
      reject(absent(error));
    });
    socket.on("close", () => {
      timer.cancel();
      try {
        resolve(JSON.parse(heard) as ControlReply);
      } catch (cause) {
        reject(absent(cause));
      }
    });
  });
}
