import type { Fault } from "@hashwatt/protocol/sample";
import type { RigView } from "../fleet/rigView.js";

/**
 * Codes by which a firmware itself says that it is too hot, by the beginning of the dialect that reads it. Sensors that fail
 * say nothing of heat.
 */
const OVERHEAT: readonly (readonly [string, RegExp])[] = [
  // 35x a board stopped by heat, 36x a board overheats (x is the slot), 505x its chips did, 203, 233 to 235 and 243 to 245 the
  // power supply, 600 and 610 hot surroundings. After the WhatsMiner API manual and the table of UpstreamData/pyasic.
  ["btminer", /^(35\d|36\d|505\d|203|23[345]|24[345]|600|610)$/],
  // Bit 64 of a board or the controller, bits 2, 4 and 8 of the power supply: see the agent's table.
  ["avalon", /^(MM\d+-)?(ECHU\d+-64|ECMM-64|PS-[248])$/],
];

/** The first fault by which a rig's firmware says that it is too hot; undefined where none does, or its codes are not known. */
export function overheatFault({ reading, record }: RigView): Fault | undefined {
  const faults = reading?.faults;
  const { dialect } = record.evidence;
  if (!faults?.length || !dialect) return undefined;
  const codes = OVERHEAT.find(([prefix]) => dialect.startsWith(prefix))?.[1];
  return codes && faults.find(({ code }) => codes.test(code));
}
