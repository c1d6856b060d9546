import type { RigModel } from "../models.js";
import { antminer } from "./antminer.js";
import { antminerFork } from "./antminerForks.js";
import { avalon } from "./avalon.js";
import { bosminer } from "./bosminer.js";
import { braiinsBmminer } from "./braiinsBmminer.js";
import { braiinsGraphql } from "./braiinsGraphql.js";
import { braiinsRest } from "./braiinsRest.js";
import { luxos } from "./luxos.js";
import type { Speaker } from "./speaker.js";
import { vnish } from "./vnish.js";
import { whatsminer } from "./whatsminer.js";
import { whatsminerV3 } from "./whatsminerV3.js";

/** One speaker a firmware family. */
export const SPEAKERS = {
  vnish,
  luxos,
  hiveon: antminerFork,
  msk: antminerFork,
  "braiins-bmminer": braiinsBmminer,
  bosminer,
  "braiins-graphql": braiinsGraphql,
  "braiins-rest": braiinsRest,
  antminer,
  avalon,
  whatsminer,
  "whatsminer-v3": whatsminerV3,
} satisfies Record<RigModel["build"]["family"], Speaker>;
