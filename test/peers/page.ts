import type { Row } from "./judge.js";
import { READERS } from "./python.js";

const NOTES = `## Where a cell says less than the rig told

- **Braiins OS, pyasic**: from BOSer on (S19 and later) it reads gRPC on port 50051, which is not simulated; the older ones it reads
  by the cgminer API.
- **WhatsMiner that knows only \`cmd\`** (M60S with API 2): both ask with \`command\` and give up at its E 24; \`hashwatt-agent\` asks
  again with the other key.
- **WhatsMiner with API 3 alone**: both ask API 2 for the version first. With both APIs on (\`whatsminer-v2v3\`) they go on to API 3.
- **WhatsMiner before btminer, cgminer on a computer, DragonMint, bmminer of Braiins OS, VNish 0.9**: these name themselves in none of
  what the readers ask to identify a rig.
- **Scrypt and Equihash Antminers**: both take the keys \`GHS\` at their word; they count MH/s and kSol/s there.
- **Avalon power**: asic-rs takes the fifth number of \`PS\`, what the hash boards draw; pyasic takes \`WALLPOWER\`, which older rigs and
  those for the home lack.
- **Hammer, pyasic**: it asks port 8359.
- **Antminer temperatures**: means of several sensors, and pyasic has board and chip of older rigs the other way round.
- **Power of stock Antminers**: there is none to read.
`;

const HEAD = "| Speaker | pyasic | asic-rs |\n| --- | --- | --- |";

/** The page with its table; written by `npm run test:peers -- --table docs/simulator-peers.md`. */
export function page(rows: readonly Row[]): string {
  const lines = rows.map(({ speaker, cells }) => `| ${speaker} | ${cells.pyasic} | ${cells["asic-rs"]} |`);
  return `# What other people's readers make of the simulated rigs

The simulator answers what fleet tools ask to find out what a rig is: \`version\`, \`devdetails\`, the page at \`/\`, its headers and
log-ins, the HTTP endpoints of each firmware. Two readers that have nothing to do with this project are the judges:
[pyasic](https://pypi.org/project/pyasic/) ${READERS.pyasic} and [asic-rs](https://pypi.org/project/pyasic-rs/) (pyasic-rs
${READERS["pyasic-rs"]}). One rig of every model was asked at a moment that stood still, and what they said was compared with the rig's true
state: hashrate within 2 %, power within 1 W, the hottest board and chip within 1 °C, every fan, every pool but the firmware's own. A cell names make, model
and firmware as the reader has them, then what it read rightly, then what it read otherwise; what it did not read is left out.

\`npm run test:peers\` does this anew and says which cells have changed; \`npm run test:peers -- --table docs/simulator-peers.md\` writes this
page. It needs Python 3.11 and leave to listen on ports 80, 4028, 4433 and 8080 of loopback addresses, and is no part of
\`npm run verify\`.

${HEAD}
${lines.join("\n")}

${NOTES}`;
}

/** The rows of a page's table. */
export const rowsOfPage = (text: string): string[] =>
  text.split("\n").filter((line) => line.startsWith("| ") && !HEAD.includes(line));
