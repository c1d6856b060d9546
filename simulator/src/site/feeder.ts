/** A rig that is switched on: its rated power, and when its rack's breaker closes. */
export interface Load {
  ratedW: number;
  closesMs: number;
}

/** A stretch of time with this line voltage, over the rated one. */
export interface Sag {
  fromMs: number;
  untilMs: number;
  supply: number;
}

/** Charging current of a supply's capacitors in the first half-wave, over its rated current; an assumption. */
const INRUSH = 12;
/** A magnetic release acts from here on: the upper end of characteristic C of IEC 60898 (5 to 10 times). */
const MAGNETIC = 10;
/** The bimetal: (I/1.13 In)² − 1 adds up; at 2.55 In it gives way within a quarter of a minute (IEC 60898: 1 to 60 s). */
const HOLDS = 1.13;
const BIMETAL_S = 60;
/** Line voltage that full load takes away. */
const SAG_AT_FULL_LOAD = 0.06;
const BOOT_S = 75;
const RAMP_S = 60;
/** A cold rig draws a little more while it finds its clock; an assumption. */
const COLD_START = 1.05;
const COLD_S = 120;
const IDLE_W = 40;
const HORIZON_S = 900;

/** What a rig draws so long after its breaker has closed, W. */
function drawsW(ratedW: number, sinceS: number): number {
  if (sinceS < 0) return 0;
  if (sinceS < BOOT_S) return IDLE_W;
  const ramp = Math.min(1, (sinceS - BOOT_S) / RAMP_S);
  return ratedW * ramp * (sinceS < BOOT_S + COLD_S ? COLD_START : 1);
}

/**
 * What a feeder goes through when these loads are switched on: where the voltage sags, and when its breaker trips if it does. Pure; the
 * rigs' own reboots in a deep sag are not fed back.
 */
export function energise(
  loads: readonly Load[],
  capacityW: number,
): { sags: Sag[]; tripsMs: number | undefined } {
  // Racks close together, so that rigs of one moment are one load.
  const groups = new Map<number, number>();
  for (const { closesMs, ratedW } of loads) groups.set(closesMs, (groups.get(closesMs) ?? 0) + ratedW);
  const rigsPerW = loads.length / loads.reduce((sum, { ratedW }) => sum + ratedW, 0);
  const sags: Sag[] = [];
  const lastS = Math.max(...groups.keys()) / 1000;
  let heat = 0;
  for (let s = 0; s < lastS + HORIZON_S; s++) {
    let loadW = 0;
    let chargingW = 0;
    for (const [closesMs, ratedW] of groups) {
      const sinceS = s - closesMs / 1000;
      if (sinceS >= 0 && sinceS < 1) chargingW += INRUSH * ratedW;
      const idleW = IDLE_W * rigsPerW * ratedW;
      loadW += sinceS >= 0 && sinceS < BOOT_S ? idleW : drawsW(ratedW, sinceS);
    }
    const ratio = loadW / capacityW;
    if (ratio + chargingW / capacityW > MAGNETIC) return { sags, tripsMs: s * 1000 };
    heat = Math.max(0, heat + (ratio / HOLDS) ** 2 - 1);
    if (heat > BIMETAL_S) return { sags, tripsMs: s * 1000 };
    const supply = Math.round((1 - SAG_AT_FULL_LOAD * ratio) * 100) / 100;
    const before = sags.at(-1);
    if (before?.supply === supply) before.untilMs = (s + 1) * 1000;
    else if (supply < 1) sags.push({ fromMs: s * 1000, untilMs: (s + 1) * 1000, supply });
  }
  return { sags, tripsMs: undefined };
}
