import { openPlace } from "../hostilePlace.js";
import { serveWeb, WEB_BEHAVIOURS, type WebBehaviour } from "../hostileWeb.js";
import { rigWay } from "./rigWay.js";

/** Web interfaces of rigs on real sockets, with logins. */
export const rigHttp = rigWay({
  name: "rig-http",
  over: "http",
  behaviours: Object.keys(WEB_BEHAVIOURS) as WebBehaviour[],
  good: "answers",
  answersOf: ({ routes }) => routes,
  open: (is) => openPlace(is, serveWeb),
});
