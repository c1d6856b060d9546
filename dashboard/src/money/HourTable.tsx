import type { ReactNode } from "react";
import style from "./HourTable.module.css";
import { strengthOf } from "./hourGrid.js";

/** One hour as it is drawn: its amount for the colour, its text for the eye, and its whole sentence. */
export interface DrawnHour {
  startMs: number;
  endMs: number;
  amount: number | null;
  /** What stands there on any screen, and what besides where there is room. */
  sign: string;
  digits: string;
  said: string;
  /** Known for a part of the time only. */
  part: boolean;
  ahead: boolean;
}

export interface DrawnDay {
  startMs: number;
  name: string;
  /** For each hour of the clock what lies there: nothing where the clocks skip it, two where they show it twice. */
  places: DrawnHour[][];
  sum: ReactNode;
}

interface HourTableProps {
  label: string;
  dayTitle: string;
  sumTitle: string;
  skipped: string;
  days: readonly DrawnDay[];
  most: number;
  /** Whether amounts have a good and a bad side, or only a size. */
  signed: boolean;
  /** Big enough for amounts: a single day. */
  wide: boolean;
  onHour(hour: { startMs: number; endMs: number }): void;
}

/** Hours of the clock across, days down. Colour by amount; sign, hatching and text say the same without it. */
export function HourTable({
  label,
  dayTitle,
  sumTitle,
  skipped,
  days,
  most,
  signed,
  wide,
  onHour,
}: HourTableProps) {
  return (
    <div className={style.scroll}>
      <table
        className={wide ? `${style.table} ${style.wide}` : style.table}
        aria-label={label}
        data-testid="hours"
      >
        <thead>
          <tr>
            <th scope="col" className={style.day}>
              {dayTitle}
            </th>
            {Array.from({ length: 24 }, (_, hour) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the hour is its place
              <th key={hour} scope="col" data-third={hour % 3 === 0 ? "" : undefined}>
                {String(hour).padStart(2, "0")}
              </th>
            ))}
            <th scope="col" className={style.sum}>
              {sumTitle}
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.startMs}>
              <th scope="row" className={style.day}>
                {day.name}
              </th>
              {day.places.map((hours, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the hour is its place
                <td key={place} className={style.place} title={hours.length === 0 ? skipped : undefined}>
                  {hours.length === 0 ? <span className={style.skipped} /> : null}
                  {hours.map((hour) => (
                    <button
                      key={hour.startMs}
                      type="button"
                      className={style.hour}
                      data-tone={
                        hour.amount === null
                          ? hour.ahead
                            ? "ahead"
                            : "unknown"
                          : signed
                            ? hour.amount < 0
                              ? "loss"
                              : "gain"
                            : "size"
                      }
                      data-strength={hour.amount === null ? 0 : strengthOf(hour.amount, most)}
                      data-part={hour.part ? "" : undefined}
                      data-hour={hour.startMs}
                      disabled={hour.amount === null}
                      title={hour.said}
                      aria-label={hour.said}
                      onClick={() => onHour(hour)}
                    >
                      <span aria-hidden="true">
                        {hour.sign}
                        <span className={style.digits}>{hour.digits}</span>
                      </span>
                    </button>
                  ))}
                </td>
              ))}
              <td className={style.sum}>{day.sum}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
