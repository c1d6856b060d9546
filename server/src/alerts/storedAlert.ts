import type { AlertView } from "@hashwatt/protocol/http";
import { rigId } from "../fleet/rigDetail.js";

/** An alert as the state file has it; one that was stored before alerts named their subject is about its rig. */
export function storedAlert(text: string): AlertView {
  const alert = JSON.parse(text) as Omit<AlertView, "subject"> & Partial<Pick<AlertView, "subject">>;
  const { rig = 0, rigName = "" } = alert;
  return { ...alert, subject: alert.subject ?? { kind: "rig", id: rigId(rig), name: rigName } };
}
