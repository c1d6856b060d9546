import type { RigModel } from "../models.js";
import { antminer } from "./antminer.js";
import type { Speaker } from "./speaker.js";
import { whatsminer } from "./whatsminer.js";

/** One speaker a firmware family. */
export const SPEAKERS = { antminer, whatsminer } satisfies Record<RigModel["build"]["family"], Speaker>;
