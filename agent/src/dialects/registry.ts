import { antminer, antminerWithWeb } from "./antminer.js";
import { hiveon, msk } from "./antminerForks.js";
import { auradine } from "./auradine.js";
import { avalons } from "./avalon.js";
import { axeos } from "./axeos.js";
import { bitmainWebOnly } from "./bitmainWebOnly.js";
import { bosminer } from "./bosminer.js";
import { braiinsBmminer } from "./braiinsBmminer.js";
import { braiinsGraphql } from "./braiinsGraphql.js";
import { braiinsRest } from "./braiinsRest.js";
import { ccminer, ccminerWeb } from "./ccminer.js";
import { cgminer, generic } from "./cgminer.js";
import type { Dialect } from "./dialect.js";
import { dragonmint } from "./dragonmint.js";
import { elphapex } from "./elphapex.js";
import { epic } from "./epic.js";
import { luxos } from "./luxos.js";
import { proto } from "./proto.js";
import { sealminer } from "./sealminer.js";
import { vnish } from "./vnish.js";
import { vnishWeb } from "./vnishWeb.js";
import { whatsminer } from "./whatsminer.js";
import { whatsminerV3 } from "./whatsminerV3.js";

/**
 * Every dialect the agent speaks, one line each. Exactly one may claim a rig; order decides whose wish is asked first while it
 * is unknown, so what names itself in `version` comes before what needs another question, and what takes the rest comes
 * last. What bears the mark of a foreign firmware is claimed by none of the stock ones.
 */
export const dialects: readonly Dialect[] = [
  antminer, // names itself in `version` or `stats`
  antminerWithWeb, // likewise, where `stats` is refused
  vnish, // keeps Bitmain's words beside its own, so that stock must step back
  hiveon, // likewise
  msk, // likewise
  luxos, // names itself in every answer
  ...avalons, // names itself in `version`, or by the modules in `stats`; which command has those makes which of them
  whatsminer, // often silent on `version`; known by its `summary`
  whatsminerV3, // where port 4028 tells nothing
  braiinsBmminer, // Bitmain's answers under a name of its own
  bosminer, // names itself in every answer, BOSer in `version`
  braiinsGraphql, // names itself alike; its web interface tells which build it is
  braiinsRest, // likewise, and by its web interface alone where the cgminer API is closed
  auradine, // names itself in every answer
  sealminer, // likewise
  ccminer, // names itself in every answer, and has Bitmain's `stats`
  dragonmint, // plain cgminer; known by the boards in `stats`
  epic, // HTTP on the port of the cgminer API
  axeos, // no cgminer API; its web interface names the ASIC
  vnishWeb, // where its cgminer API is closed; its web page names itself
  elphapex, // no cgminer API; known by the realm of its login
  bitmainWebOnly, // likewise, where a stock Antminer's cgminer API is closed
  ccminerWeb, // likewise
  proto, // no cgminer API; its web interface names its maker
  cgminer, // cards, sticks and boards at a computer: known by the devices that nobody else has
  generic, // what nobody knows and what answers a cgminer API all the same
];

/** What `make` may be called in the config's logins. */
export const loginMakes = (): string[] => [
  ...new Set(dialects.flatMap(({ login }) => (login ? [login.make] : []))),
];
