// `npm run test:peers [-- --table FILE]`: lets pyasic and asic-rs, other people's readers, read one rig of every speaker, and prints
// what each of them makes of it beside the rig's true state. `--table` writes it as docs/simulator-peers.md has it; without, it is
// compared with that page, and the exit code is 1 where a cell has changed. Needs Python 3.11, the package registry once, and leave to
// listen on ports 80, 4028, 4433 and 8080 of loopback addresses.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stockOf } from "@hashwatt/simulator/families";
import { startFleet } from "@hashwatt/simulator/listener";
import { fakeClock } from "@hashwatt/simulator/time";
import { root } from "../support/program.js";
import { judged, type Line } from "./judge.js";
import { page, rowsOfPage } from "./page.js";
import { findPython, readWith } from "./python.js";

const BASE = "127.84.0.1";
const PAGE = join(root, "docs/simulator-peers.md");

const { values } = parseArgs({ options: { table: { type: "string" } } });
const python = await findPython();
if (typeof python === "string") {
  console.error(`nothing was compared: ${python}`);
  process.exit(1);
}

// Time stands still, so that what is read is what is.
const clock = fakeClock();
const stock = stockOf(["all"]);
const fleet = await startFleet({
  rigs: stock.length,
  seed: "peers",
  families: ["all"],
  incidents: false,
  base: BASE,
  clock,
}).catch((error: Error) => {
  console.error(`nothing was compared: ${error.message} (the readers ask the makers' own ports)`);
  process.exit(1);
});
clock.advance(30_000);
const rigs = fleet.states();
const lines: Line[] = await readWith(
  python,
  rigs.map(({ address }) => address),
);
await fleet.close();

const rows = judged(rigs, lines);
const text = page(rows);
console.log(text.slice(text.indexOf("| Speaker")));
if (values.table !== undefined) writeFileSync(values.table, text);
else {
  const before = rowsOfPage(readFileSync(PAGE, "utf8"));
  const changed = rowsOfPage(text).filter((row) => !before.includes(row));
  if (changed.length) {
    console.error(`changed against docs/simulator-peers.md:\n${changed.join("\n")}`);
    process.exitCode = 1;
  }
}
