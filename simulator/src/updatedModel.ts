import type { Build, RigModel } from "./models.js";

type Family = Build["family"];
/** The builds that bear a firmware of this family. */
type BuildOf<F extends Family, B = Build> = B extends Build ? (F extends B["family"] ? B : never) : never;

/** Where the builds of each family keep the version of their firmware; the first is what readers are told. */
const VERSION_KEYS: { readonly [F in Family]: readonly (keyof BuildOf<F> & string)[] } = {
  // `Miner` is the hardware's: a Bitmain firmware is known by the day it was built.
  antminer: ["compileTime"],
  hiveon: ["compileTime"],
  msk: ["compileTime"],
  vnish: ["version"],
  luxos: ["version"],
  "braiins-bmminer": ["name", "cgminerVersion", "minerVersion"],
  bosminer: ["programVersion", "full"],
  "braiins-graphql": ["full", "programVersion"],
  "braiins-rest": ["full", "programVersion"],
  whatsminer: ["firmwareVersion"],
  "whatsminer-v3": ["firmwareVersion"],
  "whatsminer-v2v3": ["firmwareVersion"],
  avalon: ["firmwareVersion"],
  epic: ["firmwareVersion"],
  auradine: ["firmwareVersion"],
  axeos: ["firmwareVersion"],
  proto: ["firmwareVersion"],
  elphapex: ["firmwareVersion"],
  ccminer: ["firmwareVersion"],
  "ccminer-web": ["firmwareVersion"],
  dragonmint: ["firmwareVersion"],
  cgminer: ["firmwareVersion"],
  "cgminer-text": ["firmwareVersion"],
};

/**
 * Versions by whose words readers know what they talk to, with what stays before and behind: the program, the platform of Braiins'
 * bmminer, the model of an Avalon up to 9xx, and the name of a Braiins build, which says what interfaces it has.
 */
const FORMS: readonly RegExp[] = [
  /^(cgminer )\S+()$/,
  /^(bOS_\w+-[^-]+-)\S+()$/,
  /^(\d{7}-)\w+()$/,
  /^(\d{4}-\d\d-\d\d-\d+-)[^-]+(-.+)$/,
];

/** A new version in the form of the one that was told; one that has that form itself stays as it is. */
function inFormOf(told: string, version: string): string {
  const form = FORMS.find((one) => one.test(told));
  if (form === undefined || form.test(version)) return version;
  return told.replace(form, (_whole, before: string, behind: string) => `${before}${version}${behind}`);
}

/** The last one that was made of each model: a wave brings the same version to a whole fleet. */
const latest = new WeakMap<RigModel, { version: string; model: RigModel }>();

/** The same model with another version of its firmware, in all places where the firmware tells it. */
export function updatedModel(model: RigModel, version: string): RigModel {
  const known = latest.get(model);
  if (known?.version === version) return known.model;
  const keys: readonly string[] = VERSION_KEYS[model.build.family];
  const before = model.build as unknown as Readonly<Record<string, string>>;
  const told = Object.fromEntries(keys.map((key) => [key, inFormOf(before[key] as string, version)]));
  const updated: RigModel = {
    ...model,
    firmware: told[keys[0] as string] as string,
    build: { ...model.build, ...told } as Build,
  };
  latest.set(model, { version, model: updated });
  return updated;
}
