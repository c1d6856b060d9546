import type { Ledger } from "@hashwatt/protocol/ledger";
import { useMemo } from "react";
import { type DrawnDay, HourTable } from "../money/HourTable.js";
import { SIGN_OF, shareOf, whyNot } from "../money/hourGrid.js";
import { joined, kgOf } from "../money/ledgerFormat.js";
import style from "../money/Money.module.css";
import { useMoneyWords } from "../money/moneyWords.js";
import type { Period } from "../money/period.js";
import { Panel } from "../parts/Panel.js";
import { dayHours } from "../series/dayHours.js";

const WHOLE = 0.995;

interface CarbonHoursProps {
  ledger: Ledger;
  period: Period;
  nowMs: number;
  onHour(hour: { startMs: number; endMs: number }): void;
}

/** How much each hour emitted, location-based. */
export function CarbonHours({ ledger, period, nowMs, onHour }: CarbonHoursProps) {
  const { t, format } = useMoneyWords();
  const { zone } = ledger;
  const minuteMs = Math.floor(nowMs / 60_000) * 60_000;
  const byStart = useMemo(() => new Map(ledger.rows.map((row) => [row.startMs, row])), [ledger]);
  const most = Math.max(0, ...ledger.rows.map((row) => row.co2LocationMg ?? 0));
  const decimals = most >= 100e6 ? 0 : most >= 10e6 ? 1 : 2;
  const days = period.days.map((startMs): DrawnDay => {
    const name = format.day(startMs, zone);
    const places: DrawnDay["places"] = Array.from({ length: 24 }, () => []);
    let sum: number | null = null;
    for (const hour of dayHours(startMs, zone)) {
      const row = byStart.get(hour.startMs);
      const amount = row?.co2LocationMg ?? null;
      const ahead = hour.startMs > minuteMs;
      const at = { day: name, hour: String(hour.hour).padStart(2, "0") };
      const known = row ? shareOf(row.coverage.weighedMs, row.coverage.spanMs) : null;
      const why = whyNot(known, { ahead, partial: row?.partial ?? true });
      if (amount !== null) sum = (sum ?? 0) + amount;
      places[hour.hour]!.push({
        startMs: hour.startMs,
        endMs: hour.endMs,
        amount,
        sign: amount !== null ? "" : SIGN_OF[why],
        digits: amount === null ? "" : format.number(amount / 1e6, decimals),
        said:
          amount === null
            ? t(`money.cell${why}`, at)
            : t("carbon.cell", {
                ...at,
                mass: joined(format.mass(kgOf(amount))),
                share: format.percent(known).text,
              }),
        part: amount !== null && (known ?? 0) < WHOLE && hour.endMs <= minuteMs,
        ahead: why !== "Unknown",
      });
    }
    return { startMs, name, places, sum: joined(format.mass(kgOf(sum))) };
  });
  return (
    <Panel title={t("carbon.grid")} note={`${t("carbon.gridNote")} · ${zone}`}>
      <HourTable
        label={t("carbon.gridLabel")}
        dayTitle={t("money.gridDay")}
        sumTitle={t("money.gridSum")}
        skipped={t("money.cellSkipped")}
        days={days}
        most={most}
        signed={false}
        wide={period.kind === "day"}
        onHour={onHour}
      />
      <p className={style.legend}>
        <span data-tone="less">{t("carbon.less")}</span>
        <span data-tone="more">{t("carbon.more")}</span>
        <span data-tone="unknown">? {t("money.unknown")}</span>
        <span data-tone="part">{t("money.part")}</span>
      </p>
    </Panel>
  );
}
