import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";
import { PERIODS, type Period, type PeriodKind } from "./period.js";

interface PeriodBarProps {
  period: Period;
  zone: string;
  nowMs: number;
  onKind(kind: PeriodKind): void;
  /** −1 = the one before, 1 = the one after, 0 = the present one. */
  onMove(away: -1 | 0 | 1): void;
}

/** Which day, week or month the page is about, in the site's zone. */
export function PeriodBar({ period, zone, nowMs, onKind, onMove }: PeriodBarProps) {
  const { t, format } = useMoneyWords();
  const last = period.days.at(-1) ?? period.fromMs;
  const name =
    period.kind === "day"
      ? format.date(period.fromMs, zone)
      : `${format.day(period.fromMs, zone)} – ${format.date(last, zone)}`;
  const present = period.toMs > nowMs;
  return (
    <div className={style.bar}>
      <Choice
        label={t("money.period")}
        options={PERIODS.map((kind) => ({ value: kind, text: t(`money.${kind}`) }))}
        value={period.kind}
        onChoose={onKind}
      />
      <div className={style.move}>
        <button
          type="button"
          className={controls.button}
          aria-label={t("money.earlier")}
          onClick={() => onMove(-1)}
        >
          ←
        </button>
        <strong data-testid="period">{name}</strong>
        <button
          type="button"
          className={controls.button}
          aria-label={t("money.later")}
          disabled={present}
          onClick={() => onMove(1)}
        >
          →
        </button>
        {present ? null : (
          <button type="button" className={controls.button} onClick={() => onMove(0)}>
            {t("money.now")}
          </button>
        )}
      </div>
      <span className={style.dim}>{t("money.zone", { zone })}</span>
    </div>
  );
}
