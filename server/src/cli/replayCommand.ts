import { replayViewSchema } from "@hashwatt/protocol/replays";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";

/** `replay --from T --to T --speed N`: begins a replay of stored history and says where to look at it. */
export async function replayCommand(
  { api, out }: Pick<JobCommand, "api" | "out">,
  { from, to, speed }: { from?: string; to?: string; speed?: string },
): Promise<void> {
  if (from === undefined || to === undefined)
    throw new ServerError(
      "badRequest",
      "say with --from and --to which time, such as 2026-11-26T14:00:00Z, or epoch ms",
    );
  const times = speed === undefined ? 1 : Number(speed);
  if (!(times >= 1 && times <= 1_000)) throw new ServerError("badRequest", "--speed must be from 1 to 1000");
  const replay = await api.ask("POST", "/api/replays", replayViewSchema, { from, to, speed: times });
  out(`${api.url}/replay/${replay.id}/`);
  out(
    `from ${new Date(replay.fromMs).toISOString()} to ${new Date(replay.toMs).toISOString()}, ${times} times as fast; it ends when nobody has looked for two minutes`,
  );
}
