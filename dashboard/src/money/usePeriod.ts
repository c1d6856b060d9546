import { useLocation, useSearch } from "wouter";
import { PERIODS, type Period, type PeriodKind, periodOf } from "./period.js";

/** The period that the address names, by default the present week; and ways to change it, which the address follows. */
export function usePeriod(zone: string, nowMs: number) {
  const [path, navigate] = useLocation();
  const params = new URLSearchParams(useSearch());
  const kind = PERIODS.find((each) => each === params.get("period")) ?? "week";
  const at = Number(params.get("at") ?? Number.NaN);
  const atMs = Number.isFinite(at) && at > 0 && at < nowMs ? at : nowMs;
  const go = (next: PeriodKind, ms: number | undefined) => {
    const to = new URLSearchParams({ period: next, ...(ms !== undefined && { at: String(ms) }) });
    navigate(`${path}?${to}`, { replace: true });
  };
  const period: Period = periodOf(kind, atMs, zone);
  return {
    period,
    onKind: (next: PeriodKind) => go(next, atMs === nowMs ? undefined : Math.min(nowMs, period.fromMs)),
    onMove: (away: -1 | 0 | 1) => {
      if (away === 0) return go(kind, undefined);
      const { fromMs, toMs } = periodOf(kind, atMs, zone, away);
      go(kind, toMs > nowMs ? undefined : fromMs);
    },
  };
}
