import type { WordKey } from "../words/words.js";
import type { SortKey } from "./fleetQuery.js";
import style from "./RigTable.module.css";

/** A column of the table: what it is called, how it is sorted at first, where it is hidden (by its class). */
export interface TableColumn {
  key: SortKey;
  word: WordKey;
  className: string | undefined;
  number: boolean;
}

/** The columns in order. */
export const TABLE_COLUMNS: readonly TableColumn[] = [
  { key: "status", word: "field.status", className: style.statusCol, number: false },
  { key: "name", word: "field.rig", className: style.name, number: false },
  { key: "model", word: "field.model", className: style.model, number: false },
  { key: "site", word: "field.site", className: style.site, number: false },
  { key: "hashrateThs", word: "field.hashrate", className: style.hashrate, number: true },
  { key: "nominalRatio", word: "field.ofNominal", className: style.ratio, number: true },
  { key: "powerW", word: "field.power", className: style.power, number: true },
  { key: "efficiencyJPerTh", word: "field.efficiency", className: style.efficiency, number: true },
  { key: "boardTempC", word: "field.board", className: style.board, number: true },
  { key: "chipTempC", word: "field.chip", className: style.chip, number: true },
  { key: "fanRpm", word: "field.fan", className: style.fan, number: true },
  { key: "profitPerH", word: "field.profitPerH", className: style.profit, number: true },
  { key: "age", word: "field.age", className: style.age, number: true },
];
