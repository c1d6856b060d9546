import type { StateStore } from "../state/state.js";

/** The setting of the state that says which rows the InfluxDB of its mirror lacks. */
export const MIRROR_SETTING = "influx.mirror";

/** Forgets what an InfluxDB has, where rows are written that it does not hear of: it must begin anew when it comes back. */
export async function forgetMirror(state: Pick<StateStore, "setting" | "putSetting">): Promise<void> {
  if (await state.setting(MIRROR_SETTING)) await state.putSetting(MIRROR_SETTING, "");
}
