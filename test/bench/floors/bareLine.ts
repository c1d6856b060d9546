import type { Sample } from "@hashwatt/protocol/sample";

const rigs = new Map<string, number>();
const field = (name: string, value: number | undefined) => (value === undefined ? "" : `,${name}=${value}`);

/** The barest line of a sample: a number per handle, twelve numbers, no check of anything. */
export function bareLine(site: string, s: Sample): string {
  let rig = rigs.get(s.rig);
  if (rig === undefined) {
    rig = rigs.size + 1;
    rigs.set(s.rig, rig);
  }
  const fields =
    field("hashrateThs", s.hashrateThs) +
    field("hashrateAvgThs", s.hashrateAvgThs) +
    field("powerW", s.powerW) +
    field("powerLimitW", s.powerLimitW) +
    field("inletTempC", s.inletTempC) +
    field("boardTempC", s.boardTempC) +
    field("chipTempC", s.chipTempC) +
    field("fan0", s.fansRpm?.[0]) +
    field("accepted", s.shares?.accepted) +
    field("rejected", s.shares?.rejected) +
    field("uptimeS", s.uptimeS) +
    field("pollMs", s.pollMs);
  return `rig,site=${site},rig=r${rig} ${fields.slice(1)} ${s.atMs}`;
}
