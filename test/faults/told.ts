import { until } from "../support/wait.js";
import type { World } from "./world.js";

/** So long may pass until trouble, or its end, is said: an agent says how it is every ten seconds. */
const SAID_MS = 120_000;

interface Totals {
  agents: { agent: string; note?: string }[];
}
interface Health {
  ok: boolean;
  parts: { store: { ok: boolean; note: string } };
}

/** What the server says of the disk that a part stands on: of an agent's in its line, of a store's in its health. */
async function said(world: World, name: "agent" | "server" | "influxd"): Promise<string | undefined> {
  if (name === "agent") {
    const { agents } = await world.get<Totals>("/api/totals");
    return agents.find(({ agent }) => agent === "a1")?.note;
  }
  const { store } = (await world.get<Health>("/api/health")).parts;
  return store.ok ? undefined : store.note;
}

/** Waits until the trouble of a disk is said, with what to do about it. */
export async function told(world: World, name: "agent" | "server" | "influxd", text: RegExp): Promise<void> {
  let last: string | undefined;
  await until(
    `it is said of the ${name}'s disk: ${text}`,
    async () => {
      last = await said(world, name);
      if (last !== undefined && text.test(last)) return true;
      throw new Error(`said was: ${last ?? "nothing"}`);
    },
    SAID_MS,
    250,
  );
}

/** Waits until nothing is said any more. */
export async function well(world: World, name: "agent" | "server" | "influxd"): Promise<void> {
  await until(
    `nothing more is said of the ${name}'s disk`,
    async () => {
      const still = await said(world, name);
      if (still === undefined) return true;
      throw new Error(`said is: ${still}`);
    },
    SAID_MS,
    250,
  );
}
