import type { RigModel } from "../models.js";
import { antminer } from "./antminer.js";
import { antminerFork } from "./antminerForks.js";
import { auradine } from "./auradine.js";
import { avalon } from "./avalon.js";
import { axeos } from "./axeos.js";
import { bosminer } from "./bosminer.js";
import { braiinsBmminer } from "./braiinsBmminer.js";
import { braiinsGraphql } from "./braiinsGraphql.js";
import { braiinsRest } from "./braiinsRest.js";
import { ccminer, ccminerWeb } from "./ccminer.js";
import { cgminer } from "./cgminer.js";
import { dragonmint } from "./dragonmint.js";
import { elphapex } from "./elphapex.js";
import { epic } from "./epic.js";
import { luxos } from "./luxos.js";
import { proto } from "./proto.js";
import type { Speaker } from "./speaker.js";
import { vnish } from "./vnish.js";
import { whatsminer } from "./whatsminer.js";
import { whatsminerBoth, whatsminerV3 } from "./whatsminerV3.js";

/** One speaker a firmware family. */
export const SPEAKERS = {
  epic,
  auradine,
  axeos,
  proto,
  elphapex,
  ccminer,
  "ccminer-web": ccminerWeb,
  dragonmint,
  cgminer,
  "cgminer-text": cgminer,
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
  "whatsminer-v2v3": whatsminerBoth,
} satisfies Record<RigModel["build"]["family"], Speaker>;
