import type { Ledger } from "@hashwatt/protocol/ledger";
import type { Matching } from "@hashwatt/protocol/matching";
import { isWhole, knownFor, overheadKnown } from "../money/knownFor.js";
import type { LedgerFigure } from "../money/ledgerFigure.js";
import { joined, kgOf, kwhOf } from "../money/ledgerFormat.js";
import { useMoneyWords } from "../money/moneyWords.js";
import { unitCosts } from "../money/unitCosts.js";
import { WhyButton } from "../money/WhyButton.js";
import { Figure, Figures } from "../parts/Figures.js";
import { marketWord } from "./marketWord.js";

interface CarbonFiguresProps {
  ledger: Ledger;
  /** Those of the site; undefined while they are not known. */
  contracts: Matching["contracts"] | undefined;
  onAsk(figure: LedgerFigure): void;
}

/** Both footprints side by side, per bitcoin and per kWh, each with its coverage. */
export function CarbonFigures({ ledger, contracts, onAsk }: CarbonFiguresProps) {
  const words = useMoneyWords();
  const { t, format } = words;
  const { totals } = ledger;
  const { coverage } = totals;
  const whole = isWhole(ledger);
  const units = unitCosts(totals);
  const kg = kgOf(totals.co2LocationMg);
  const weighedKwh =
    totals.energyMwh === null || coverage.energyMs === 0
      ? null
      : (kwhOf(totals.energyMwh)! * coverage.weighedMs) / coverage.energyMs;
  const factor = kg === null || !weighedKwh ? null : kg / weighedKwh;
  const perBtc = format.mass(units.kgPerBtc);
  const why = (knownMs: number, figure: LedgerFigure, what: string) => (
    <>
      {knownFor(words, knownMs, coverage.spanMs, whole)} ·{" "}
      <WhyButton what={what} onAsk={() => onAsk(figure)} />
    </>
  );
  return (
    <Figures label={t("carbon.figures")}>
      <Figure
        field="co2Location"
        name={t("carbon.location")}
        shown={format.mass(kg)}
        note={t("carbon.locationNote")}
        cover={why(coverage.weighedMs, "co2Location", t("carbon.location"))}
      />
      <Figure
        field="co2Market"
        name={t("carbon.market")}
        shown={format.mass(kgOf(totals.co2MarketMg))}
        note={t(marketWord(ledger, contracts))}
        cover={why(coverage.weighedMarketMs, "co2Market", t("carbon.market"))}
      />
      <Figure
        field="kgPerBtc"
        name={t("carbon.perBtc")}
        shown={{ text: perBtc.text, unit: perBtc.unit && `${perBtc.unit}/BTC` }}
        note={`${t("carbon.location")}; ${overheadKnown(words, units)}`}
        cover={knownFor(words, units.kgPerBtcMs, coverage.spanMs, whole)}
      />
      <Figure
        field="meanFactor"
        name={t("carbon.perKwh")}
        shown={{ text: format.plain(factor), unit: factor === null ? "" : "kg/kWh" }}
        note={t("carbon.location")}
        cover={knownFor(words, coverage.weighedMs, coverage.spanMs, whole)}
      />
      <Figure
        field="energy"
        name={t("carbon.energy")}
        shown={format.energy(kwhOf(totals.energyMwh))}
        note={t("carbon.energyNote")}
        cover={knownFor(words, coverage.energyMs, coverage.spanMs, whole)}
      />
      <Figure
        field="overheadCo2"
        name={t("carbon.withOverhead")}
        shown={format.mass(kgOf(totals.overheadCo2LocationMg))}
        note={`${joined(format.energy(kwhOf(totals.overheadMwh)))} · ${t("carbon.notIn")}`}
        cover={knownFor(words, coverage.overheadMs, coverage.spanMs, whole)}
      />
    </Figures>
  );
}
