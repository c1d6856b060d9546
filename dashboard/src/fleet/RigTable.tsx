import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useWords } from "../words/words.js";
import { TABLE_COLUMNS } from "./columns.js";
import type { FleetQuery, SortKey } from "./fleetQuery.js";
import { RigRow } from "./RigRow.js";
import style from "./RigTable.module.css";

const tall = matchMedia("(max-width: 900px)");
const onTall = (onChange: () => void) => {
  tall.addEventListener("change", onChange);
  return () => tall.removeEventListener("change", onChange);
};

/** As the second line of a row in RigTable.module.css. */
const phone = matchMedia("(max-width: 600px)");
const onPhone = (onChange: () => void) => {
  phone.addEventListener("change", onChange);
  return () => phone.removeEventListener("change", onChange);
};

const OVERSCAN = 4;
/** Rows are reused in rounds of a multiple of this: one that leaves at the top comes back at the bottom. */
const ROUND = 32;

interface RigTableProps {
  rigs: readonly number[];
  query: FleetQuery;
  onSort(key: SortKey, descending: boolean): void;
  /** Site slugs to names; one site needs no column. */
  siteNames: Readonly<Record<string, string>>;
  currencies: Readonly<Record<string, string>>;
}

/** The fleet as a table of which only the rows in sight exist; it scrolls with the page. */
export function RigTable({ rigs, query, onSort, siteNames, currencies }: RigTableProps) {
  const { t } = useWords();
  const box = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  const twoLines = useSyncExternalStore(onPhone, () => phone.matches);
  const touch = useSyncExternalStore(onTall, () => tall.matches);
  const rowHeight = twoLines ? 56 : touch ? 40 : 28;
  // The table moves when what is above it grows, and then the page grows with it.
  useLayoutEffect(() => {
    const measure = () => {
      const bounds = box.current?.getBoundingClientRect();
      if (bounds) setTop(Math.round(bounds.top + scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: rigs.length,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: top + 32,
  });
  useLayoutEffect(() => {
    if (rowHeight) virtual.measure();
  }, [rowHeight, virtual]);
  const several = Object.keys(siteNames).length > 1;
  const columns = useMemo(() => TABLE_COLUMNS.filter(({ key }) => several || key !== "site"), [several]);
  const items = virtual.getVirtualItems();
  const round = Math.ceil((innerHeight / rowHeight + 2 * OVERSCAN + 4) / ROUND) * ROUND;
  const before = items[0] ? items[0].start - virtual.options.scrollMargin : 0;
  const after =
    virtual.getTotalSize() -
    ((items.at(-1)?.end ?? virtual.options.scrollMargin) - virtual.options.scrollMargin);
  return (
    <>
      <table ref={box} className={style.table} aria-rowcount={rigs.length + 1} data-testid="rig-table">
        <thead>
          <tr>
            {columns.map(({ key, word, className, number }) => {
              const sorted = query.sort === key;
              return (
                <th
                  key={key}
                  scope="col"
                  className={`${className} ${number ? style.number : ""} ${sorted ? style.sorted : ""}`}
                  aria-sort={sorted ? (query.descending ? "descending" : "ascending") : "none"}
                >
                  <button
                    type="button"
                    className={style.sort}
                    onClick={() => onSort(key, sorted ? !query.descending : number)}
                    title={t(word)}
                  >
                    {key === "status" ? <span className={style.word}>{t(word)}</span> : t(word)}
                    {sorted ? (
                      <span className={style.arrow} aria-hidden="true">
                        {query.descending ? "↓" : "↑"}
                      </span>
                    ) : null}
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? <tr style={{ height: before }} /> : null}
          {items.map((item) => (
            <RigRow
              key={item.index % round}
              rig={rigs[item.index]!}
              columns={columns}
              place={item.index + 2}
              siteNames={siteNames}
              currencies={currencies}
              twoLines={twoLines}
            />
          ))}
          {after > 0 ? <tr style={{ height: after }} /> : null}
        </tbody>
      </table>
      {rigs.length === 0 ? <p className={style.none}>{t("fleet.noMatch")}</p> : null}
    </>
  );
}
