import type { Ledger } from "@hashwatt/protocol/ledger";
import { Panel } from "../parts/Panel.js";
import { isWhole, knownFor, overheadKnown } from "./knownFor.js";
import { bitcoin, joined } from "./ledgerFormat.js";
import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";
import { type UnitCosts, unitCosts } from "./unitCosts.js";

/** What the work of one algorithm cost and earned, and its break-even; what is not known of it is a dash. */
function AlgoCosts({ costs, currency }: { costs: UnitCosts; currency: string }) {
  const { t, format } = useMoneyWords();
  const rows = [
    { field: "hashcost", name: t("money.hashcost"), value: costs.hashcost, per: t("money.perPhDay") },
    {
      field: "hashRevenue",
      name: t("money.hashRevenue"),
      value: costs.hashRevenue,
      per: t("money.perPhDay"),
    },
    { field: "breakEven", name: t("money.breakEven"), value: costs.breakEvenPerKwh, per: t("money.perKwh") },
  ];
  return rows.map(({ field, name, value, per }) => (
    <small key={field} data-field={`${field} ${costs.algo}`}>
      {name}: {format.money(value, currency)}
      {value === null ? "" : per}
    </small>
  ));
}

/** Hashcost, cost of a bitcoin, break-even and what was paid for a kWh; and the work of each algorithm. */
export function UnitPanel({ ledger }: { ledger: Ledger }) {
  const words = useMoneyWords();
  const { t, format } = words;
  const { currency, totals } = ledger;
  const units = unitCosts(totals);
  const several = totals.algos.length > 1;
  const overheadNote = overheadKnown(words, units);
  const btcKnown = knownFor(words, units.costPerBtcMs, totals.coverage.spanMs, isWhole(ledger));
  const rows = [
    {
      field: "hashcost",
      name: t("money.hashcost"),
      value: units.hashcost,
      per: t("money.perPhDay"),
      note: overheadNote,
    },
    {
      field: "hashRevenue",
      name: t("money.hashRevenue"),
      value: units.hashRevenue,
      per: t("money.perPhDay"),
      note: t("money.revenueNote"),
    },
    {
      field: "costPerBtc",
      name: t("money.costPerBtc"),
      value: units.costPerBtc,
      per: "/BTC",
      note: `${overheadNote}; ${btcKnown}`,
    },
    {
      field: "breakEven",
      name: t("money.breakEven"),
      value: units.breakEvenPerKwh,
      per: t("money.perKwh"),
      note: t("money.breakEvenNote"),
    },
    {
      field: "pricePaid",
      name: t("money.pricePaid"),
      value: units.pricePerKwh,
      per: t("money.perKwh"),
      note: "",
    },
  ];
  return (
    <Panel
      title={t("money.units")}
      note={several && units.algo ? t("money.unitsAlgo", { algo: units.algo }) : t("money.unitsNote")}
    >
      <dl className={style.facts}>
        {rows.map(({ field, name, value, per, note }) => (
          <div key={field}>
            <dt>
              {name}
              {note ? <small>{note}</small> : null}
            </dt>
            <dd data-field={field}>
              {format.money(value, currency)}
              {value === null ? "" : per}
            </dd>
          </div>
        ))}
      </dl>
      <h3 className={style.sub}>
        {t("money.algos")} <small>{t("money.algosNote")}</small>
      </h3>
      <dl className={style.facts}>
        {totals.algos.map((algo) => {
          const { hashTh, hashMs, acceptedTh, basis } = algo;
          // Over the time that is known: spread over the whole period, what is unknown would count as 0.
          const meanThs = hashTh === null || hashMs === 0 ? null : hashTh / (hashMs / 1_000);
          const share = hashTh ? format.percent((acceptedTh ?? 0) / hashTh).text : "—";
          return (
            <div key={algo.algo}>
              <dt>
                {algo.algo === "unknown" ? t("money.algoUnknown") : algo.algo}
                <small>{basis === null ? t("money.knownNone") : t(`money.basis.${basis}`, { share })}</small>
              </dt>
              <dd>
                {joined(format.hashrate(meanThs))}
                {meanThs === null ? null : <small>{t("money.perRig")}</small>}
                {algo.revenueMsat === null ? null : (
                  <small>{joined(bitcoin(format, algo.revenueMsat))}</small>
                )}
                {several ? <AlgoCosts costs={unitCosts(totals, algo.algo)} currency={currency} /> : null}
              </dd>
            </div>
          );
        })}
      </dl>
    </Panel>
  );
}
