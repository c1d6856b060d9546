import type { Surface } from "../surface.js";
import { mqtt } from "./mqtt.js";
import { rigReply } from "./rigReply.js";
import { rigSocket } from "./rigSocket.js";

/** Every place where bytes from outside come in, one line each. */
export const SURFACES: readonly Surface[] = [rigReply, rigSocket, mqtt];
