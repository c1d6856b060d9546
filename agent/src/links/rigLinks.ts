import type { Clock } from "@hashwatt/protocol/time";
import { type Logins, NO_LOGINS } from "../logins.js";
import type { PlateRule } from "../model/ownPlates.js";
import { type FramedLink, openFramedLink } from "./framed.js";
import { type HttpLink, MAX_IDLE, openHttpLink } from "./http.js";
import type { Tap } from "./tap.js";
import { openTcpLink, type TcpLimits, type TcpLink } from "./tcp.js";

/** The ways to a rig, shared by all rigs, and what opens their web interfaces. */
export interface RigLinks {
  tcp: TcpLink;
  http: HttpLink;
  framed: FramedLink;
  logins: Logins;
  /** What the config says that rigs are rated for; absent = nothing. */
  plates?: readonly PlateRule[];
  /** Ends every exchange with `aborted`; asking afterwards rejects at once. */
  close(): void;
}

/** Opens all links; their exchanges end with `signal`. `limits` hold for each exchange, whatever the way; `tap` is told of each. */
export function openRigLinks(
  clock: Clock,
  limits: Partial<TcpLimits>,
  signal: AbortSignal,
  logins: Logins = NO_LOGINS,
  plates: readonly PlateRule[] = [],
  tap?: Tap,
): RigLinks {
  const own = new AbortController();
  const close = () => own.abort();
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  return {
    tcp: openTcpLink(clock, limits, own.signal, tap),
    http: openHttpLink(clock, limits, own.signal, MAX_IDLE, tap),
    framed: openFramedLink(clock, limits, own.signal, tap),
    logins,
    plates,
    close() {
      signal.removeEventListener("abort", close);
      close();
    },
  };
}
