import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openTcpLink } from "@hashwatt/agent/links/tcp";
import { systemClock } from "@hashwatt/protocol/time";
import { startFleet } from "@hashwatt/simulator/listener";
import { freePort } from "../support/ports.js";

/** What a rig answers to each command, as text without its closing NUL. */
export interface RealRig {
  name: string;
  replies: Readonly<Record<string, string>>;
}

const COMMANDS = [
  "version",
  "summary",
  "stats",
  "devs",
  "pools",
  "devdetails",
  "edevs",
  "get_version",
  "get_psu",
  "get_error_code",
  "get_miner_info",
  "status",
];

/** The models of the simulated fleet, each with what one rig of it says. */
async function simulated(): Promise<RealRig[]> {
  const fleet = await startFleet({ rigs: 40, seed: 5, port: await freePort(), base: "127.61.0.1" });
  const stop = new AbortController();
  const link = openTcpLink(systemClock, {}, stop.signal);
  try {
    const rigs: RealRig[] = [];
    const seen = new Set<string>();
    for (const { address, port } of fleet.addresses) {
      const { model, incident } = fleet.rig(address).identity;
      // One of each model, and what goes wrong once each.
      const name = incident === undefined ? model.model : `${model.build.family}, ${incident}`;
      if (seen.has(name) || incident === "offline" || incident === "slow") continue;
      seen.add(name);
      const replies: Record<string, string> = {};
      for (const command of COMMANDS) {
        const { text } = await link.ask(address, port, JSON.stringify({ command }));
        // A command that this family does not know is answered as such by the scripted rig too.
        if (!/"Code":14\b|invalid cmd/i.test(text)) replies[command] = text;
      }
      rigs.push({ name, replies });
    }
    return rigs;
  } finally {
    stop.abort();
    await fleet.close();
  }
}

/** The captures of a folder that HASHWATT_CORPUS names: replies of real rigs; none without it. */
function captured(): RealRig[] {
  const folder = process.env.HASHWATT_CORPUS;
  if (folder === undefined || !existsSync(folder)) return [];
  const rigs: RealRig[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".json") || file === "index.json") continue;
    const { responses } = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
      responses?: Record<string, unknown>;
    };
    if (!responses) continue;
    const replies = Object.fromEntries(
      Object.entries(responses).map(([command, reply]) => [
        command,
        typeof reply === "string" ? reply : JSON.stringify(reply),
      ]),
    );
    rigs.push({ name: file, replies });
  }
  return rigs;
}

/** Replies to start from: of every simulated model, and of captured rigs where there are any. */
export const realRigs = async (): Promise<RealRig[]> => [...(await simulated()), ...captured()];
