import type { AlertView } from "@hashwatt/protocol/http";
import { AlertDialog, type Asked } from "./AlertDialog.js";
import { StepsDialog } from "./StepsDialog.js";

/** What is asked about which alert: the alert as it was then, since meanwhile it may end or go elsewhere. */
export interface AskedOf {
  kind: Asked | "steps";
  alert: AlertView;
}

/**
 * The dialog about one alert. It stands beside the lists, not in the alert's row: a row goes when its alert ends, and one that moves
 * takes a dialog in it off the top of the page.
 */
export function AskedDialog({ asked, onClose }: { asked: AskedOf | undefined; onClose(): void }) {
  if (!asked) return null;
  const { kind, alert } = asked;
  if (kind === "steps") return <StepsDialog alert={alert} onClose={onClose} />;
  return <AlertDialog asked={kind} alert={alert} onClose={onClose} />;
}
