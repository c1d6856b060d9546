import type { Ledger } from "@hashwatt/protocol/ledger";
import { Figure, Figures } from "../parts/Figures.js";
import { isWhole, knownFor } from "./knownFor.js";
import type { LedgerFigure } from "./ledgerFigure.js";
import { bitcoin, joined, kwhOf, moneyOf } from "./ledgerFormat.js";
import { useMoneyWords } from "./moneyWords.js";
import { WhyButton } from "./WhyButton.js";

/** The totals of a period: what decides run or stop, and what decides whether it pays, each by its name and with its coverage. */
export function MoneyFigures({ ledger, onAsk }: { ledger: Ledger; onAsk(figure: LedgerFigure): void }) {
  const words = useMoneyWords();
  const { t, format } = words;
  const { totals, currency, siteLines } = ledger;
  const { coverage } = totals;
  const whole = isWhole(ledger);
  const money = (micro: number | null, sign = false) => format.moneyParts(moneyOf(micro), currency, sign);
  const cover = (knownMs: number, figure: LedgerFigure, name: string) => (
    <>
      {knownFor(words, knownMs, coverage.spanMs, whole)} ·{" "}
      <WhyButton what={name} onAsk={() => onAsk(figure)} />
    </>
  );
  const lineNotes = [
    siteLines.some((line) => line.provisional) && t("money.linesProvisional"),
    siteLines.some((line) => line.partlyMeasured) && t("money.linesPartly"),
  ].filter((note) => note !== false);
  return (
    <Figures label={t("money.figures")}>
      <Figure
        field="revenue"
        name={t("money.revenue")}
        shown={money(totals.revenueMicro)}
        note={
          totals.revenueMsat === null
            ? t("money.revenueNote")
            : `${t("money.revenueNote")} · ${joined(bitcoin(format, totals.revenueMsat))}`
        }
        cover={cover(coverage.earnedMs, "revenue", t("money.revenue"))}
      />
      <Figure
        field="energyCost"
        name={t("money.energyCost")}
        shown={money(totals.energyCostMicro)}
        note={t("money.energyNote", { energy: joined(format.energy(kwhOf(totals.energyMwh))) })}
        cover={cover(coverage.pricedMs, "energyCost", t("money.energyCost"))}
      />
      <Figure
        field="marginalProfit"
        name={t("money.marginal")}
        shown={money(totals.marginalProfitMicro, true)}
        note={t("money.marginalNote")}
        cover={cover(coverage.profitMs, "marginalProfit", t("money.marginal"))}
      />
      <Figure
        field="overheadCost"
        name={t("money.overhead")}
        shown={money(totals.overheadCostMicro)}
        note={t("money.overheadNote", { energy: joined(format.energy(kwhOf(totals.overheadMwh))) })}
        cover={cover(coverage.overheadMs, "overheadCost", t("money.overhead"))}
      />
      <Figure
        field="siteLines"
        name={t("money.lines")}
        shown={money(totals.siteLinesMicro)}
        note={siteLines.length === 0 ? t("money.linesNone") : lineNotes.join("; ") || t("money.linesFinal")}
      />
      <Figure
        field="loadedProfit"
        name={t("money.loaded")}
        shown={money(totals.loadedProfitMicro, true)}
        note={t("money.loadedNote")}
        cover={cover(coverage.loadedMs, "loadedProfit", t("money.loaded"))}
      />
    </Figures>
  );
}
