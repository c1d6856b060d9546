import type { Fault } from "@hashwatt/protocol/sample";
import type { RigView } from "../fleet/rigView.js";

/**
 * Whatsminer error codes by which the firmware itself says that it is too hot: 35x a board stopped by heat, 36x a board
 * overheats (x is the slot), 203 the power supply protects itself from heat, 600 and 610 hot surroundings. After the
 * WhatsMiner API manual and the table of UpstreamData/pyasic. Sensors that fail (30x, 32x) say nothing of heat.
 */
const WHATSMINER_OVERHEAT = /^(35\d|36\d|203|600|610)$/;

/** The first fault by which a rig's firmware says that it is too hot; undefined where none does, or its codes are not known. */
export function overheatFault({ reading, record }: RigView): Fault | undefined {
  const faults = reading?.faults;
  if (!faults?.length || !record.evidence.dialect?.startsWith("whatsminer")) return undefined;
  return faults.find(({ code }) => WHATSMINER_OVERHEAT.test(code));
}
