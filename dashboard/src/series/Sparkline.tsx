import { useMemo } from "react";
import style from "./Sparkline.module.css";
import { sparkPath } from "./sparkPath.js";

/** A small line without axes; gaps stay gaps. What it shows is said beside it, so it is hidden from readers. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const { d, zeroY } = useMemo(() => sparkPath(values), [values]);
  return (
    <svg className={style.spark} viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      {zeroY === undefined ? null : <path className={style.zero} d={`M0 ${zeroY}H100`} />}
      <path className={style.line} d={d} />
    </svg>
  );
}
