import type { FleetTable } from "../feed/fleetTable.js";
import type { Colour } from "./fleetQuery.js";
import { nominalRatio } from "./rowOrder.js";

/** What a colour scale spans, in the figure's own unit (°C, or a ratio), and its ramp from low to high. */
export interface HeatScale {
  low: number;
  high: number;
  stops: readonly string[];
}

/**
 * Chip temperature (calm green where rigs run, red where hardly any may), hashrate as a share of nominal, profit as a share of revenue, which compares across currencies.
 */
export const SCALES: Readonly<Record<Colour, HeatScale>> = {
  temp: { low: 45, high: 95, stops: ["#2b4a86", "#2c7488", "#2f8a6c", "#5aa45c", "#d3b93e", "#f04444"] },
  hashrate: { low: 0.5, high: 1.05, stops: ["#5b3a6b", "#6f5aa0", "#5a86c4", "#58b0d8", "#8ad6e0"] },
  profit: { low: -0.6, high: 0.6, stops: ["#d9661f", "#e6a15f", "#8d8f8c", "#6fb897", "#199a6c"] },
};

/** Where a row lies on a scale: its figure, or null when that is unknown. */
export function heatValue(table: FleetTable, row: number, colour: Colour): number | null {
  switch (colour) {
    case "temp":
      return table.number("chipTempC", row) ?? table.number("boardTempC", row);
    case "hashrate":
      return nominalRatio(table, row);
    case "profit": {
      const profit = table.number("profitPerH", row);
      const revenue = table.number("revenuePerH", row);
      return profit === null || revenue === null || revenue <= 0 ? null : profit / revenue;
    }
  }
}

const STEPS = 64;
const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);

/** A scale as 64 ready colours. */
export function rampOf({ stops }: HeatScale): string[] {
  return Array.from({ length: STEPS }, (_, step) => {
    const place = (step / (STEPS - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(place));
    const mix = place - from;
    const mixed = [1, 3, 5].map((at) => {
      const low = channel(stops[from]!, at);
      return Math.round(low + (channel(stops[from + 1]!, at) - low) * mix);
    });
    return `rgb(${mixed.join(",")})`;
  });
}

/** The step of a ramp for a value; beyond the ends it is the end's. */
export function stepOf({ low, high }: HeatScale, value: number): number {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return Math.round(share * (STEPS - 1));
}

/** Black or white, whichever can be read better on a colour of a ramp (WCAG contrast). */
export function inkOn(rgb: string): string {
  const [red = 0, green = 0, blue = 0] = (rgb.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? "#0b0e12" : "#ffffff";
}
