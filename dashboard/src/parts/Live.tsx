import { useEffect, useRef } from "react";
import { token } from "../theme/themeStore.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

interface LiveProps {
  /** Name of the figure in the wire's words; tests find it by this. */
  field?: string;
  /** Whose figure it is; with another owner the text is another, not a changed one. */
  of?: number;
  text: string;
  unit?: string;
  className?: string | undefined;
  unitClassName?: string | undefined;
  title?: string;
}

/** A figure that changes by itself: its ground tints for half a second when it does; the layout never moves. */
export function Live({ field, of, text, unit, className, unitClassName, title }: LiveProps) {
  const ref = useRef<HTMLSpanElement>(null);
  const before = useRef({ of, text });
  useEffect(() => {
    const { of: owner, text: former } = before.current;
    before.current = { of, text };
    if (owner !== of || former === text || calm.matches) return;
    ref.current?.animate([{ backgroundColor: token("--tint") }, { backgroundColor: "transparent" }], {
      duration: 500,
      easing: "ease-out",
    });
  }, [of, text]);
  return (
    <span ref={ref} className={className} data-field={field} title={title}>
      {text}
      {unit ? <small className={unitClassName}> {unit}</small> : null}
    </span>
  );
}
