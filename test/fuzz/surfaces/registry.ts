import type { Surface } from "../surface.js";
import { config } from "./config.js";
import { csv } from "./csv.js";
import { http } from "./http.js";
import { live } from "./live.js";
import { mqtt } from "./mqtt.js";
import { rigFrames } from "./rigFrames.js";
import { rigHttp } from "./rigHttp.js";
import { rigReply } from "./rigReply.js";
import { rigSocket } from "./rigSocket.js";
import { webhook } from "./webhook.js";
import { webReply } from "./webReply.js";

/** Every place where bytes from outside come in, one line each. */
export const SURFACES: readonly Surface[] = [
  rigReply,
  webReply,
  rigSocket,
  rigHttp,
  rigFrames,
  mqtt,
  http,
  live,
  config,
  csv,
  webhook,
];
