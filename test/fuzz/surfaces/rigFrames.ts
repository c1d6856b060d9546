import { FRAME_BEHAVIOURS, type FrameBehaviour, serveFrames } from "../hostileFrames.js";
import { openPlace } from "../hostilePlace.js";
import { rigWay } from "./rigWay.js";

/** The WhatsMiner API 3 of rigs on real sockets. */
export const rigFrames = rigWay({
  name: "rig-frames",
  over: "framed",
  behaviours: Object.keys(FRAME_BEHAVIOURS) as FrameBehaviour[],
  good: "answers and stays",
  answersOf: ({ v3 }) => v3 ?? {},
  open: (is) => openPlace(is, serveFrames),
});
