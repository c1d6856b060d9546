import { useWidth } from "../parts/useWidth.js";
import type { HourBar } from "../series/foldHours.js";
import { roundSteps } from "../series/roundSteps.js";
import { useWords } from "../words/words.js";
import style from "./HoursChart.module.css";
import { measuredShare } from "./measuredShare.js";

interface HoursChartProps {
  label: string;
  bars: readonly HourBar[];
  currency: string;
  nowMs: number;
  height: number;
}

/** Room for a label of the axis, by its length. */
const leftFor = (labels: readonly string[]) => Math.max(40, ...labels.map((text) => text.length * 6.4 + 10));
const TOP = 8;
const BOTTOM = 20;
/** Below this share of the time it stands for a bar is marked as measured in part. */
const WHOLE = 0.95;

/**
 * Money per hour over a day: gain above the line, loss hatched below it, the hour under way up to now. A bar that was
 * measured in part is paler and stands on a rule that is as long as the measured share; a past hour without any
 * measurement is hatched, and what has not come yet stays empty.
 */
export function HoursChart({ label, bars, currency, nowMs, height }: HoursChartProps) {
  const { t, format } = useWords();
  const [ref, width] = useWidth<HTMLElement>();
  const values = bars.flatMap((bar) => (bar.perH === null ? [] : [bar.perH]));
  const high = Math.max(0, ...values);
  const low = Math.min(0, ...values);
  const span = high - low || 1;
  const room = height - TOP - BOTTOM;
  const y = (value: number) => TOP + ((high - value) / span) * room;
  const zero = values.length > 0 ? y(0) : TOP + room;
  const ticks = roundSteps(low, high);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  const tickDecimals = step >= 1 ? 0 : Math.min(6, Math.max(2, -Math.floor(Math.log10(step) + 1e-9)));
  const labels = ticks.map((value) => format.money(value, currency, true, tickDecimals));
  const left = leftFor(values.length > 0 ? labels : []);
  const each = Math.max(0, width - left) / Math.max(1, bars.length);
  const first = bars[0];
  const last = bars.at(-1);
  const nowX =
    first && last && nowMs >= first.startMs && nowMs < last.endMs
      ? left + ((nowMs - first.startMs) / (last.endMs - first.startMs)) * (width - left)
      : undefined;
  const anyPart = bars.some((bar) => bar.perH !== null && measuredShare(bar, nowMs) < WHOLE);
  const anyMissing = bars.some((bar) => bar.perH === null && bar.when === "past");
  const every = each < 14 ? 6 : each < 34 ? 3 : each < 44 ? 2 : 1;
  return (
    <figure ref={ref}>
      <figcaption className="srOnly">{label}</figcaption>
      {width > 0 ? (
        <svg className={style.bars} width={width} height={height} role="img" aria-label={label}>
          <defs>
            <pattern
              id="hour-loss"
              width="5"
              height="5"
              patternTransform="rotate(45)"
              patternUnits="userSpaceOnUse"
            >
              <rect width="5" height="5" className={style.hatchGround} />
              <path d="M0 0V5" className={style.hatchLine} />
            </pattern>
            <pattern
              id="hour-gap"
              width="6"
              height="6"
              patternTransform="rotate(45)"
              patternUnits="userSpaceOnUse"
            >
              <path d="M0 0V6" className={style.gapLine} />
            </pattern>
          </defs>
          {values.length > 0
            ? ticks.map((value, at) => (
                <text key={value} x={left - 6} y={y(value) + 4} textAnchor="end">
                  {labels[at]}
                </text>
              ))
            : null}
          <line x1={left} x2={width} y1={zero} y2={zero} className={style.axis} />
          {bars.map((bar, at) => {
            const x = left + at * each + each * 0.1;
            const whole = Math.max(1, each * 0.8);
            const passed = bar.when === "now" ? (nowMs - bar.startMs) / (bar.endMs - bar.startMs) : 1;
            const wide = bar.when === "now" ? Math.max(2, left + at * each + each * passed - x) : whole;
            const measured = measuredShare(bar, nowMs);
            const part = measured < WHOLE;
            return (
              <g key={bar.startMs} data-hour={bar.hour}>
                {at % every === 0 ? (
                  <text x={left + at * each + each / 2} y={height - 4} textAnchor="middle">
                    {String(bar.hour).padStart(2, "0")}
                  </text>
                ) : null}
                {bar.perH === null ? (
                  bar.when === "past" ? (
                    <rect className={style.missing} x={x} y={TOP} width={wide} height={room}>
                      <title>{t("hours.none", { hour: bar.hour })}</title>
                    </rect>
                  ) : null
                ) : (
                  <>
                    <rect
                      className={`${style[bar.perH < 0 ? "loss" : "gain"]} ${part ? style.part : ""}`}
                      x={x}
                      y={Math.min(zero, y(bar.perH))}
                      width={wide}
                      height={Math.max(1, Math.abs(y(bar.perH) - zero))}
                      rx="1.5"
                    >
                      <title>
                        {t("hours.bar", {
                          hour: bar.hour,
                          money: format.money(bar.perH, currency, true),
                          coverage: format.percent(bar.coverage).text,
                        })}
                      </title>
                    </rect>
                    {part ? (
                      <rect
                        className={style.base}
                        x={x}
                        y={zero - 1.5}
                        width={Math.max(1, wide * measured)}
                        height="3"
                      />
                    ) : null}
                  </>
                )}
              </g>
            );
          })}
          {nowX === undefined ? null : (
            <>
              <line x1={nowX} x2={nowX} y1={TOP - 4} y2={height - BOTTOM + 2} className={style.now} />
              <text
                className={style.nowText}
                x={nowX > width - 40 ? nowX - 5 : nowX + 5}
                y={TOP + 6}
                textAnchor={nowX > width - 40 ? "end" : "start"}
              >
                {t("now")}
              </text>
            </>
          )}
        </svg>
      ) : (
        <div style={{ height }} />
      )}
      {anyPart || anyMissing ? (
        <p className={style.legend}>
          {anyPart ? (
            <span>
              <svg width="14" height="12" aria-hidden="true">
                <rect x="1" y="1" width="12" height="9" className={`${style.gain} ${style.part}`} />
                <rect x="1" y="9" width="7" height="3" className={style.base} />
              </svg>
              {t("hours.part")}
            </span>
          ) : null}
          {anyMissing ? (
            <span>
              <svg width="14" height="12" aria-hidden="true">
                <rect x="1" y="1" width="12" height="10" className={style.missing} />
              </svg>
              {t("hours.missing")}
            </span>
          ) : null}
        </p>
      ) : null}
    </figure>
  );
}
