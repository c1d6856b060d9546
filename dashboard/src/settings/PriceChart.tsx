import type { PreviewSlot, TariffPreview } from "@hashwatt/protocol/settings";
import { useWidth } from "../parts/useWidth.js";
import { dayHours } from "../series/dayHours.js";
import { roundSteps } from "../series/roundSteps.js";
import style from "./PriceChart.module.css";
import { useSettingsWords } from "./settingsWords.js";

const HEIGHT = 150;
const TOP = 10;
const BOTTOM = 20;
const LEFT = 62;
const HOUR_MS = 3_600_000;

/** The steps of a price as a path; what is not known breaks it. */
function pathOf(
  slots: readonly PreviewSlot[],
  x: (ms: number) => number,
  y: (price: number) => number,
): string {
  let [path, before] = ["", Number.NaN];
  for (const { startMs, endMs, pricePerKwh } of slots) {
    if (pricePerKwh === null) before = Number.NaN;
    else {
      const joins = before === startMs;
      path += `${joins ? "L" : "M"}${x(startMs).toFixed(1)} ${y(pricePerKwh).toFixed(1)}H${x(endMs).toFixed(1)}`;
      before = endMs;
    }
  }
  return path;
}

/** What a kWh costs over the hours to come, `site` names where; what nobody knows is hatched. */
export function PriceChart({ preview, site }: { preview: TariffPreview; site?: string | undefined }) {
  const { t, format } = useSettingsWords();
  const [ref, width] = useWidth<HTMLElement>();
  const { slots, fromMs, toMs, zone, currency } = preview;
  const prices = slots.flatMap(({ pricePerKwh }) => (pricePerKwh === null ? [] : [pricePerKwh]));
  const high = Math.max(0, ...prices);
  const low = Math.min(0, ...prices);
  const span = high - low || 1;
  const x = (ms: number) => LEFT + ((ms - fromMs) / (toMs - fromMs)) * (width - LEFT);
  const y = (price: number) => TOP + ((high - price) / span) * (HEIGHT - TOP - BOTTOM);
  const every = width < 500 ? 12 : 6;
  const ticks: { ms: number; hour: number }[] = [];
  for (let day = fromMs; day < toMs + 24 * HOUR_MS; day += 24 * HOUR_MS)
    for (const { startMs, hour } of dayHours(day, zone))
      if (startMs >= fromMs && startMs < toMs && hour % every === 0) ticks.push({ ms: startMs, hour });
  const when = (ms: number) => `${format.day(ms, zone)} ${format.clock(ms, zone)}`;
  return (
    <figure ref={ref} className={style.figure} data-testid="priceChart">
      <figcaption>
        {site === undefined ? "" : `${site} · `}
        {t("set.previewTitle")} <small>{t("set.previewNote", { currency, zone })}</small>
      </figcaption>
      {prices.length === 0 ? <p>{t("set.previewNone")}</p> : null}
      {width > 0 && prices.length > 0 ? (
        <svg width={width} height={HEIGHT} role="img" aria-label={t("set.previewTitle")}>
          <defs>
            <pattern
              id="price-gap"
              width="6"
              height="6"
              patternTransform="rotate(45)"
              patternUnits="userSpaceOnUse"
            >
              <path d="M0 0V6" className={style.gapLine} />
            </pattern>
          </defs>
          {roundSteps(low, high).map((price) => (
            <g key={price}>
              <line
                x1={LEFT}
                x2={width}
                y1={y(price)}
                y2={y(price)}
                className={price === 0 ? style.zero : style.grid}
              />
              <text x={LEFT - 6} y={y(price) + 4} textAnchor="end">
                {format.plain(price)}
              </text>
            </g>
          ))}
          {ticks.map(({ ms, hour }) => (
            <text key={ms} x={x(ms)} y={HEIGHT - 5} textAnchor="middle">
              {hour === 0 ? format.day(ms, zone) : String(hour).padStart(2, "0")}
            </text>
          ))}
          <path d={pathOf(slots, x, y)} className={style.line} />
          {slots.map((slot) => {
            const span = { from: when(slot.startMs), to: when(slot.endMs) };
            return (
              <rect
                key={slot.startMs}
                x={x(slot.startMs)}
                width={Math.max(1, x(slot.endMs) - x(slot.startMs))}
                y={TOP}
                height={HEIGHT - TOP - BOTTOM}
                className={slot.pricePerKwh === null ? style.gap : style.hover}
              >
                <title>
                  {slot.pricePerKwh === null
                    ? t("set.slotUnknown", span)
                    : [
                        t("set.slot", {
                          ...span,
                          price: `${format.plain(slot.pricePerKwh)} ${currency}/kWh`,
                        }),
                        slot.band,
                        ...slot.parts.map(({ name, perKwh }) => `${name} ${format.plain(perKwh)}`),
                      ]
                        .filter(Boolean)
                        .join(" · ")}
                </title>
              </rect>
            );
          })}
        </svg>
      ) : null}
    </figure>
  );
}

/** What of the past other tariffs would price anew. */
export function RepriceNote({ preview }: { preview: TariffPreview }) {
  const { t, format } = useSettingsWords();
  const { reprice, zone, currency } = preview;
  if (!reprice) return <p data-testid="reprice">{t("set.repriceNone")}</p>;
  const energy = format.energy(reprice.kwh);
  return (
    <p data-testid="reprice">
      {t("set.reprice", {
        hours: format.number(reprice.hours, 0),
        rigs: format.number(reprice.rigs, 0),
        from: format.date(reprice.fromMs, zone),
        to: format.date(reprice.toMs, zone),
        energy: `${energy.text} ${energy.unit}`,
      })}{" "}
      {t("set.repriceCost", {
        before: format.money(reprice.costBefore, currency),
        after: format.money(reprice.costAfter, currency),
      })}
    </p>
  );
}
