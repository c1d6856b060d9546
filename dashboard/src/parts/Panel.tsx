import { type ReactNode, useId } from "react";
import style from "./Panel.module.css";

interface PanelProps {
  title: string;
  note?: ReactNode;
  aside?: ReactNode;
  /** No inner margin at the sides: for lists and tables that reach the edge. */
  flush?: boolean;
  className?: string | undefined;
  children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, note, aside, flush, className, children }: PanelProps) {
  const id = useId();
  return (
    <section className={className ? `${style.panel} ${className}` : style.panel} aria-labelledby={id}>
      <div className={style.head}>
        <h2 className={style.title} id={id}>
          {title}
        </h2>
        {note ? <span className={style.note}>{note}</span> : null}
        {aside ? <div className={style.aside}>{aside}</div> : null}
      </div>
      <div className={flush ? style.flush : style.body}>{children}</div>
    </section>
  );
}
