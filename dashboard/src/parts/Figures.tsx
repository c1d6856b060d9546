import type { ReactNode } from "react";
import type { Shown } from "../format.js";
import style from "./Figures.module.css";
import { Live } from "./Live.js";

/** A strip of headline figures. */
export const Figures = ({ children, label }: { children: ReactNode; label: string }) => (
  <section className={style.figures} aria-label={label}>
    {children}
  </section>
);

interface FigureProps {
  /** The figure's name on the wire; tests find it by this. */
  field: string;
  name: string;
  shown: Shown;
  /** What it rests on: its share, source or limit. */
  note?: ReactNode;
  spark?: ReactNode;
  /** How much of the time or the fleet it covers, or how old it is. */
  cover?: ReactNode;
}

/** One headline figure with its unit, what it rests on, and its coverage or age. */
export function Figure({ field, name, shown, note, spark, cover }: FigureProps) {
  return (
    <div className={style.figure}>
      <h3 className={style.name}>{name}</h3>
      <Live
        field={field}
        text={shown.text}
        unit={shown.unit}
        className={style.value}
        unitClassName={style.unit}
      />
      <div className={style.note}>{note}</div>
      {spark === undefined ? <div /> : <div className={style.spark}>{spark}</div>}
      {cover === undefined ? <div /> : <div className={style.cover}>{cover}</div>}
    </div>
  );
}
