// `npm run test:power -- DIR`: how far modelled power is from what rigs report, over the captures of a folder. Prints a table in
// Markdown, from which docs/operations.md publishes its own.
import { existsSync } from "node:fs";
import { estimatePower, type PowerBasis } from "@hashwatt/agent/model/power";
import { readAll } from "./readCaptures.js";

const folder = process.argv[2] ?? process.env.HASHWATT_CORPUS;
if (folder === undefined || !existsSync(folder)) {
  console.error(
    folder === undefined
      ? "say where the captures are: npm run test:power -- DIR"
      : `${folder} does not exist; give a folder of captures`,
  );
  process.exit(1);
}

/** What the agent prints, as far as the model reads it. */
type Read = PowerBasis & { powerW?: number; powerSource?: string };

const rows: string[] = [];
const errors: number[] = [];
for (const { id, printed } of await readAll(folder, "127.80.0.1")) {
  const read = printed as Read | undefined;
  if (read?.powerW === undefined || (read.powerSource !== "psu" && read.powerSource !== "firmware")) continue;
  const estimate = estimatePower(read);
  const error = estimate && read.powerW > 0 ? estimate.powerW / read.powerW - 1 : undefined;
  if (error !== undefined) errors.push(error);
  const cells = [
    id,
    read.model ?? "unknown",
    read.status,
    `${read.powerW} (${read.powerSource})`,
    estimate ? `${estimate.powerW} (${estimate.source})` : "unknown",
    error === undefined ? "" : `${error < 0 ? "−" : "+"}${Math.abs(error * 100).toFixed(1)} %`,
  ];
  rows.push(`| ${cells.join(" | ")} |`);
}
console.log("| capture | model | status | reported, W | estimated, W | error |\n|---|---|---|---|---|---|");
for (const row of rows.sort()) console.log(row);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
if (errors.length)
  console.log(
    `\n${errors.length} of ${rows.length} compared: mean error ${(mean(errors) * 100).toFixed(1)} %, mean of its size ${(mean(errors.map(Math.abs)) * 100).toFixed(1)} %, largest ${(Math.max(...errors.map(Math.abs)) * 100).toFixed(1)} %`,
  );
