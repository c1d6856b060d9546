import type { Ledger } from "@hashwatt/protocol/ledger";
import { useMemo } from "react";
import { Panel } from "../parts/Panel.js";
import { compactAmounts } from "./compactAmounts.js";
import { type DrawnDay, HourTable } from "./HourTable.js";
import { type HourCell, hourGrid, SIGN_OF, whyNot } from "./hourGrid.js";
import { moneyOf } from "./ledgerFormat.js";
import style from "./Money.module.css";
import table from "./MoneyTable.module.css";
import { useMoneyWords } from "./moneyWords.js";
import type { Period } from "./period.js";

/** Below this an hour counts as known in part. */
export const WHOLE = 0.995;

interface HourPanelProps {
  ledger: Ledger;
  period: Period;
  nowMs: number;
  onHour(hour: { startMs: number; endMs: number }): void;
}

/** Which hours gain and which lose. */
export function HourPanel({ ledger, period, nowMs, onHour }: HourPanelProps) {
  const { t, format } = useMoneyWords();
  const { zone, currency } = ledger;
  const minuteMs = Math.floor(nowMs / 60_000) * 60_000;
  const grid = useMemo(
    () => hourGrid(ledger.rows, period.days, zone, minuteMs),
    [ledger, period, zone, minuteMs],
  );
  const compact = compactAmounts(format, grid.mostMicro / 1e6);
  const counts = { gain: 0, loss: 0, unknown: 0 };
  const draw = (day: string) => (cell: HourCell) => {
    const { profitMicro, known, hour, partial } = cell;
    const at = { day, hour: String(hour).padStart(2, "0") };
    if (profitMicro === null) {
      const why = whyNot(known, { ahead: cell.when === "ahead", partial });
      if (why === "Unknown") counts.unknown++;
      return {
        ...cell,
        amount: null,
        sign: SIGN_OF[why],
        digits: "",
        said: t(`money.cell${why}`, at),
        part: false,
        ahead: why !== "Unknown",
      };
    }
    counts[profitMicro < 0 ? "loss" : "gain"]++;
    return {
      ...cell,
      ...compact(profitMicro / 1e6),
      amount: profitMicro,
      said: t("money.cell", {
        ...at,
        money: format.money(moneyOf(profitMicro), currency, true),
        share: format.percent(known).text,
      }),
      part: (known ?? 0) < WHOLE && cell.when === "past",
      ahead: false,
    };
  };
  const days = grid.days.map((day): DrawnDay => {
    const name = format.day(day.startMs, zone);
    return {
      startMs: day.startMs,
      name,
      places: day.places.map((place) => place.map(draw(name))),
      sum: (
        <span className={day.profitMicro !== null && day.profitMicro < 0 ? table.loss : undefined}>
          {format.money(moneyOf(day.profitMicro), currency, true)}
        </span>
      ),
    };
  });
  return (
    <Panel
      title={t("money.grid")}
      note={`${t("money.gridNote")} · ${currency} · ${zone}`}
      aside={t("money.ofHours", counts)}
    >
      <HourTable
        label={t("money.gridLabel")}
        dayTitle={t("money.gridDay")}
        sumTitle={t("money.gridSum")}
        skipped={t("money.cellSkipped")}
        days={days}
        most={grid.mostMicro}
        signed
        wide={period.kind === "day"}
        onHour={onHour}
      />
      <p className={style.legend}>
        <span data-tone="gain">+ {t("money.gain")}</span>
        <span data-tone="loss">− {t("money.loss")}</span>
        <span data-tone="unknown">? {t("money.unknown")}</span>
        <span data-tone="part">{t("money.part")}</span>
      </p>
    </Panel>
  );
}
