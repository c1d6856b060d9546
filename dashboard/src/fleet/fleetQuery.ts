/** Columns of the table that can be sorted by. */
export const SORT_KEYS = [
  "name",
  "status",
  "model",
  "site",
  "hashrateThs",
  "nominalRatio",
  "powerW",
  "efficiencyJPerTh",
  "boardTempC",
  "chipTempC",
  "fanRpm",
  "profitPerH",
  "age",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What the heat-map's colour means. */
export const COLOURS = ["temp", "hashrate", "profit"] as const;
export type Colour = (typeof COLOURS)[number];

/** What of the fleet is shown and how; the address bar keeps it. Empty strings filter nothing. */
export interface FleetQuery {
  text: string;
  status: string;
  model: string;
  sort: SortKey;
  descending: boolean;
  colour: Colour;
}

const DEFAULT: FleetQuery = {
  text: "",
  status: "",
  model: "",
  sort: "name",
  descending: false,
  colour: "temp",
};

const oneOf = <T extends string>(options: readonly T[], value: string | null, otherwise: T): T =>
  options.find((option) => option === value) ?? otherwise;

/** Reads the query part of an address; what it does not know is the default. */
export function parseFleetQuery(search: string): FleetQuery {
  const params = new URLSearchParams(search);
  return {
    text: params.get("q") ?? "",
    status: params.get("status") ?? "",
    model: params.get("model") ?? "",
    sort: oneOf(SORT_KEYS, params.get("sort"), DEFAULT.sort),
    descending: params.get("dir") === "desc",
    colour: oneOf(COLOURS, params.get("colour"), DEFAULT.colour),
  };
}

/** Writes the address of a query, without what is the default anyway. */
export function fleetPath(query: FleetQuery): string {
  const params = new URLSearchParams();
  if (query.text) params.set("q", query.text);
  if (query.status) params.set("status", query.status);
  if (query.model) params.set("model", query.model);
  if (query.sort !== DEFAULT.sort) params.set("sort", query.sort);
  if (query.descending) params.set("dir", "desc");
  if (query.colour !== DEFAULT.colour) params.set("colour", query.colour);
  const search = params.toString();
  return search ? `/fleet?${search}` : "/fleet";
}
