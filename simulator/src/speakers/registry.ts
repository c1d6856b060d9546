import type { RigModel } from "../models.js";
import { antminer } from "./antminer.js";
import { avalon } from "./avalon.js";
import type { Speaker } from "./speaker.js";
import { whatsminer } from "./whatsminer.js";
import { whatsminerV3 } from "./whatsminerV3.js";

/** One speaker a firmware family. */
export const SPEAKERS = { antminer, avalon, whatsminer, "whatsminer-v3": whatsminerV3 } satisfies Record<
  RigModel["build"]["family"],
  Speaker
>;
