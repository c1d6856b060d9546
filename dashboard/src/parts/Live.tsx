import { useEffect, useRef } from "react";
import { token } from "../theme/themeStore.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

interface LiveProps {
  /** Name of the figure in the wire's words; tests find it by this. */
  field?: string;
  text: string;
  unit?: string;
  className?: string | undefined;
  unitClassName?: string | undefined;
  title?: string;
}

/** A figure that changes by itself: its ground tints for half a second when it does; the layout never moves. */
export function Live({ field, text, unit, className, unitClassName, title }: LiveProps) {
  const ref = useRef<HTMLSpanElement>(null);
  const before = useRef(text);
  useEffect(() => {
    if (before.current === text) return;
    before.current = text;
    if (calm.matches) return;
    ref.current?.animate([{ backgroundColor: token("--tint") }, { backgroundColor: "transparent" }], {
      duration: 500,
      easing: "ease-out",
    });
  }, [text]);
  return (
    <span ref={ref} className={className} data-field={field} title={title}>
      {text}
      {unit ? <small className={unitClassName}> {unit}</small> : null}
    </span>
  );
}
