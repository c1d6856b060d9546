import type { RigDetail } from "@hashwatt/protocol/http";

const readAt = (detail: Pick<RigDetail, "receivedMs">): number =>
  detail.receivedMs ?? Number.NEGATIVE_INFINITY;

/** Of what the live channel and a request told of a rig, what rests on the newer reading; the live one of equals. */
export const newerDetail = <T extends Pick<RigDetail, "receivedMs">>(
  live: T | undefined,
  fetched: T | undefined,
): T | undefined => (live && fetched && readAt(fetched) > readAt(live) ? fetched : (live ?? fetched));
