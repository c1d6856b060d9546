import { z } from "zod";
import type { StateStore } from "../state/state.js";

/** The setting of the state that says which rows the InfluxDB of its mirror lacks. */
export const MIRROR_SETTING = "influx.mirror";

/** Forgets what an InfluxDB has, where rows are written that it does not hear of: it must begin anew when it comes back. */
export async function forgetMirror(state: Pick<StateStore, "setting" | "putSetting">): Promise<void> {
  if (await state.setting(MIRROR_SETTING)) await state.putSetting(MIRROR_SETTING, "");
}

/** What the setting holds: what is yet to be written, and to which InfluxDB. */
const savedSchema = z.object({
  target: z.string(),
  /** Stretches by the name of their tier. */
  dirty: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
});

/** What a former run left; undefined where there is nothing that can be read. */
export async function readSaved(
  state: Pick<StateStore, "setting">,
): Promise<z.infer<typeof savedSchema> | undefined> {
  const text = await state.setting(MIRROR_SETTING);
  if (!text) return undefined;
  try {
    return savedSchema.parse(JSON.parse(text));
  } catch {
    // What cannot be read is begun anew, which writes the same points again.
    return undefined;
  }
}
