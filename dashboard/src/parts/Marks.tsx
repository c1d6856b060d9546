import type { AlertView } from "@hashwatt/protocol/http";
import style from "./Marks.module.css";

/** A state as the screen tells it: the rig's own word, "stale" when its reading is old, "unknown" before the first. */
export type ShownStatus =
  | "mining"
  | "starting"
  | "idle"
  | "sleeping"
  | "fault"
  | "unreachable"
  | "stale"
  | "unknown";

const SHAPES: Record<ShownStatus, React.ReactNode> = {
  mining: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  starting: (
    <>
      <circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M6 2.5a3.5 3.5 0 0 1 0 7z" fill="currentColor" />
    </>
  ),
  idle: <circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  sleeping: <circle cx="6" cy="6" r="1.7" fill="currentColor" />,
  fault: <path d="m2.5 2.5 7 7m0-7-7 7" stroke="currentColor" strokeWidth="1.8" fill="none" />,
  unreachable: (
    <rect x="2.2" y="2.2" width="7.6" height="7.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
  ),
  stale: <path d="M2.5 1.5h7L6 6l3.5 4.5h-7L6 6z" fill="none" stroke="currentColor" strokeWidth="1.3" />,
  unknown: <path d="M3 6h6" stroke="currentColor" strokeWidth="1.6" />,
};

/** The mark of a state: a shape of its own each; the word stands beside it wherever there is room. */
export function StatusMark({ status }: { status: ShownStatus }) {
  return (
    <svg
      className={`${style.mark} ${style[status]}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
    >
      {SHAPES[status]}
    </svg>
  );
}

/** The mark of fault codes that a rig tells while it goes on working, with how many there are. */
export function FaultMark({ count, title }: { count: number; title: string }) {
  return (
    <span className={style.faults} title={title} data-faults={count}>
      <span aria-hidden="true">×{count}</span>
      <span className="srOnly">{title}</span>
    </span>
  );
}

const HEAT = "M6 1.5 11 10.5H1z";
const SILENCE = "M2 2h8v8H2z";
const MONEY = "M1 2h10L6 10.5z";
const OTHER = "M6 1 11 6 6 11 1 6z";
const ALERTS: Partial<Record<string, string>> = {
  overheating: HEAT,
  hot: HEAT,
  tempRising: HEAT,
  inletHot: HEAT,
  inletWarm: HEAT,
  offline: SILENCE,
  siteOutage: SILENCE,
  agentSilent: SILENCE,
  storeDown: SILENCE,
};

const shapeOf = ({ rule, severity }: Pick<AlertView, "rule" | "severity">): string =>
  ALERTS[rule] ?? (severity === "money" ? MONEY : OTHER);

/** The mark of an alert: shape by rule, colour by severity; hollow while it is not (or no longer) firing. */
export function AlertMark({ alert }: { alert: Pick<AlertView, "rule" | "severity" | "state"> }) {
  return (
    <svg
      className={`${style.mark} ${alert.state === "resolved" ? style.resolved : style[alert.severity]}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
    >
      <path
        d={shapeOf(alert)}
        fill={alert.state === "firing" ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
    </svg>
  );
}
