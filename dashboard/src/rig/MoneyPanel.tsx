import type { RigDetail } from "@hashwatt/protocol/http";
import { useId, useState } from "react";
import type { Format, Shown } from "../format.js";
import { Live } from "../parts/Live.js";
import { Panel } from "../parts/Panel.js";
import { useWords, type WordKey } from "../words/words.js";
import { arithmeticOf, figureValue } from "./arithmetic.js";
import style from "./MoneyPanel.module.css";

type Figure = Parameters<typeof arithmeticOf>[1];
const FIGURES: readonly { figure: Figure; word: WordKey }[] = [
  { figure: "powerW", word: "field.power" },
  { figure: "efficiencyJPerTh", word: "field.efficiency" },
  { figure: "revenuePerH", word: "field.revenue" },
  { figure: "costPerH", word: "field.cost" },
  { figure: "profitPerH", word: "field.profit" },
  { figure: "co2KgPerH", word: "field.carbon" },
];

function written(figure: Figure, value: number, currency: string, format: Format): string {
  const joined = ({ text, unit }: Shown) => `${text} ${unit}`;
  switch (figure) {
    case "powerW":
      return joined(format.power(value));
    case "efficiencyJPerTh":
      return joined(format.efficiency(value));
    case "co2KgPerH":
      return `${joined(format.mass(value))}/h`;
    default:
      return `${format.money(value, currency, figure === "profitPerH")}/h`;
  }
}

function Row({ detail, figure, word }: { detail: RigDetail; figure: Figure; word: WordKey }) {
  const words = useWords();
  const { t, format } = words;
  const [open, setOpen] = useState(false);
  const id = useId();
  const value = figureValue(detail, figure);
  const text = value === null ? "—" : written(figure, value, detail.currency, format);
  const tone = figure === "profitPerH" && value !== null ? (value < 0 ? style.loss : style.gain) : undefined;
  const why = open ? arithmeticOf(detail, figure, words) : undefined;
  return (
    <div className={style.row}>
      <div className={style.line}>
        <dt>{t(word)}</dt>
        <dd>
          <Live field={figure} text={text} className={tone} />
        </dd>
        <button
          type="button"
          className={style.why}
          aria-expanded={open}
          aria-controls={id}
          aria-label={t("why.label", { what: t(word) })}
          data-why={figure}
          onClick={() => setOpen(!open)}
        >
          {t("why")}
        </button>
      </div>
      <div id={id} hidden={!open}>
        {why ? (
          <div className={style.answer}>
            {why.sum ? <div data-arithmetic={figure}>{why.sum}</div> : null}
            {why.missing.map((line) => (
              <div key={line}>{line}</div>
            ))}
            {why.rests.map((line) => (
              <div key={line} className={style.rests}>
                {line}
              </div>
            ))}
            {why.howToSet.map((line) => (
              <div key={line} className={style.rests}>
                {t("input.how")} <code>{line}</code>
              </div>
            ))}
          </div>
        ) : null}
      </div>
    </div>
  );
}

/** What the rig draws, and what it earns, costs and emits per hour; each figure opens its arithmetic. */
export function MoneyPanel({ detail }: { detail: RigDetail }) {
  const { t } = useWords();
  return (
    <Panel title={t("money.title")} note={t("money.note")}>
      <dl>
        {FIGURES.map(({ figure, word }) => (
          <Row key={figure} detail={detail} figure={figure} word={word} />
        ))}
      </dl>
    </Panel>
  );
}
