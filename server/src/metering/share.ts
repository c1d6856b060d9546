/** A meter that several rigs hang on, now. */
export interface GroupNow {
  meter: string;
  /** Undefined while it is silent. */
  powerW: number | undefined;
  rigs: readonly number[];
}

/** What is known of a rig behind meters, without what they are to give it. */
export interface RigNow {
  /** What its own meter says. */
  meteredW?: number | undefined;
  /** What it draws by its own account: power supply, firmware or model. Undefined where it says nothing. */
  ownW?: number | undefined;
  /** It answers, or did a moment ago, so that it has a part. */
  present: boolean;
}

/** What a group's meter comes to. Its parts add up to `powerW`. */
export interface GroupShares {
  /** What rigs' own meters and the groups within say of it. */
  meteredW: number;
  /** What is divided among the rigs without a meter of their own. */
  sharedW: number;
  /** What nobody answers for: the rigs that could draw it are silent. Below 0 the meters contradict each other. */
  restW: number;
}

export interface Shares {
  rigs: Map<number, { meter: string; powerW: number }>;
  groups: Map<string, GroupShares>;
}

/**
 * Divides the meters of groups among their rigs without a meter of their own, by what these draw by their own account. The
 * smallest group counts first; a larger one divides what the meters within it leave, so that no watt is given twice. A silent meter is
 * as if it were not there. A present rig that says nothing counts as the mean of the others.
 */
export function shareGroups(groups: readonly GroupNow[], rigs: ReadonlyMap<number, RigNow>): Shares {
  const shares: Shares = { rigs: new Map(), groups: new Map() };
  const known = groups
    .filter((group): group is GroupNow & { powerW: number } => group.powerW !== undefined)
    .sort((a, b) => a.rigs.length - b.rigs.length || (a.meter < b.meter ? -1 : 1));
  const done: { rigs: ReadonlySet<number>; powerW: number }[] = [];
  for (const { meter, powerW, rigs: members } of known) {
    const here = new Set(members);
    const settled = new Set<number>();
    let meteredW = 0;
    // Largest first: what lies within another that lies within this one is part of it.
    for (const within of [...done].reverse()) {
      if (!isSubset(within.rigs, here) || overlaps(within.rigs, settled)) continue;
      meteredW += within.powerW;
      for (const rig of within.rigs) settled.add(rig);
    }
    const open: number[] = [];
    for (const rig of here) {
      if (settled.has(rig)) continue;
      const own = rigs.get(rig)?.meteredW ?? shares.rigs.get(rig)?.powerW;
      if (own === undefined) open.push(rig);
      else meteredW += own;
    }
    const left = powerW - meteredW;
    const weights = weightsOf(open, rigs);
    let sum = 0;
    for (const weight of weights.values()) sum += weight;
    const sharedW = left > 0 && weights.size ? left : 0;
    for (const [rig, weight] of weights)
      if (left >= 0)
        shares.rigs.set(rig, {
          meter,
          powerW: sum > 0 ? (sharedW * weight) / sum : sharedW / weights.size,
        });
    shares.groups.set(meter, { meteredW, sharedW, restW: left - sharedW });
    done.push({ rigs: here, powerW });
  }
  return shares;
}

function weightsOf(open: readonly number[], rigs: ReadonlyMap<number, RigNow>): Map<number, number> {
  const present = open.filter((rig) => rigs.get(rig)?.present);
  const said = present.flatMap((rig) => rigs.get(rig)?.ownW ?? []);
  const mean = said.length ? said.reduce((sum, watts) => sum + watts, 0) / said.length : 1;
  return new Map(present.map((rig) => [rig, rigs.get(rig)?.ownW ?? mean]));
}

const isSubset = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  if (a.size > b.size) return false;
  for (const each of a) if (!b.has(each)) return false;
  return true;
};
const overlaps = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  for (const each of a) if (b.has(each)) return true;
  return false;
};
