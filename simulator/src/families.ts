import { SimulatorError } from "./errors.js";
import { HIVEON, LUXOS, MSK, VNISH } from "./makes/antminerFirmwares.js";
import { BITMAIN_OTHERS } from "./makes/bitmain.js";
import { BOSMINER, BRAIINS_BMMINER, BRAIINS_GRAPHQL, BRAIINS_REST } from "./makes/braiins.js";
import { CANAAN } from "./makes/canaan.js";
import { ANTMINER_HYDRO, WHATSMINER_HYDRO, WHATSMINER_IMMERSION } from "./makes/liquid.js";
import { MICROBT_OTHERS, MICROBT_V3 } from "./makes/microbt.js";
import {
  AURADINE,
  AXEOS,
  CCMINER,
  CCMINER_WEB,
  CGMINER,
  DRAGONMINT,
  ELPHAPEX,
  EPIC,
  PROTO,
} from "./makes/others.js";
import { type RigModel, STOCK } from "./models.js";
import { nearest } from "./nearest.js";

const madeOf = (family: RigModel["build"]["family"]): RigModel[] => [
  ...new Set(STOCK.filter(({ build }) => build.family === family)),
];

/** Models of each family of firmware, by the name that `--families` knows it by. */
export const FAMILIES: Readonly<Record<string, readonly RigModel[]>> = {
  antminer: madeOf("antminer"),
  "antminer-hydro": ANTMINER_HYDRO,
  "bitmain-others": BITMAIN_OTHERS,
  whatsminer: madeOf("whatsminer"),
  "whatsminer-others": MICROBT_OTHERS,
  "whatsminer-v3": MICROBT_V3,
  "whatsminer-hydro": WHATSMINER_HYDRO,
  "whatsminer-immersion": WHATSMINER_IMMERSION,
  avalon: CANAAN,
  "braiins-rest": BRAIINS_REST,
  "braiins-graphql": BRAIINS_GRAPHQL,
  bosminer: BOSMINER,
  "braiins-bmminer": BRAIINS_BMMINER,
  vnish: VNISH,
  luxos: LUXOS,
  hiveon: HIVEON,
  msk: MSK,
  epic: EPIC,
  auradine: AURADINE,
  axeos: AXEOS,
  proto: PROTO,
  elphapex: ELPHAPEX,
  ccminer: CCMINER,
  "ccminer-web": CCMINER_WEB,
  dragonmint: DRAGONMINT,
  cgminer: CGMINER,
};

/** Every family at once. */
const ALL = "all";
/** Every name that a list of families may have. */
export const FAMILY_NAMES: readonly string[] = [...Object.keys(FAMILIES), ALL];

/**
 * The models that a fleet of these families is made of, one after the other; what farms run most of when none are named. Throws
 * `bad-option` at a family that there is not.
 */
export function stockOf(families: readonly string[] | undefined): readonly RigModel[] {
  if (families === undefined) return STOCK;
  return families.flatMap((family) => {
    if (family === ALL) return Object.values(FAMILIES).flat();
    const models = FAMILIES[family];
    if (models === undefined)
      throw new SimulatorError(
        "bad-option",
        `no family of firmware is called "${family}": did you mean "${nearest(family, FAMILY_NAMES)}"? There are ${FAMILY_NAMES.join(", ")}`,
      );
    return models;
  });
}
