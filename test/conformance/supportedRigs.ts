import type { Printed } from "./printed.js";
import type { Result } from "./readCaptures.js";

/** What a table of supported rigs tells: heading, and whether a reading has it. */
const COLUMNS: readonly (readonly [string, (printed: Printed) => boolean])[] = [
  ["TH/s", ({ hashrateThs }) => hashrateThs !== undefined],
  ["rated", ({ nominalThs }) => nominalThs !== undefined],
  ["limit W", ({ powerLimitW }) => powerLimitW !== undefined],
  ["boards", ({ boards }) => Boolean(boards?.length)],
  ["chips", ({ boards }) => Boolean(boards?.some(({ chips }) => chips !== undefined))],
  ["board °C", ({ boards }) => Boolean(boards?.some(({ boardTempC }) => boardTempC !== undefined))],
  ["chip °C", ({ boards }) => Boolean(boards?.some(({ chipTempC }) => chipTempC !== undefined))],
  ["fans", ({ fansRpm }) => Boolean(fansRpm?.length)],
  ["pools", ({ pools }) => Boolean(pools?.length)],
  ["uptime", ({ uptimeS }) => uptimeS !== undefined],
  ["MAC", ({ mac }) => mac !== undefined],
  ["serial", ({ serial }) => serial !== undefined],
  ["name", ({ hostname }) => hostname !== undefined],
];

const SOURCES: Record<string, string> = {
  psu: "measured",
  firmware: "firmware's estimate",
  model: "modelled",
  nameplate: "nameplate",
};

const HEAD = `# Supported rigs

Generated from captures of real rigs by \`npm run test:conformance -- DIR --table docs/supported-rigs.md\`: each row is one captured rig as the agent reads it
over real sockets. A dot says that the value was in the answers and was read; a rig that is in another state, or has another build of
the firmware, may tell more or less. Power says where the figure comes from: *measured* by the rig's own supply, the *firmware's estimate*, or
*modelled* by Hashwatt from model, boards and mode where the rig tells none.

A rig that is not here and answers a cgminer API is read in its standard figures (\`generic\`), with a note that says so. To have
a rig supported, send the file that \`hashwatt-agent capture ADDRESS\` writes: see [capture-format.md](capture-format.md).
`;

/** The page as Markdown; rigs that gave no reading stand at its end with the reason. */
export function supportedRigs(results: readonly Result[]): string {
  const read = results
    .filter((result) => result.printed !== undefined)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en"));
  const cells = (texts: readonly string[]) => `| ${texts.join(" | ")} |`;
  const rows = read.map((result) => {
    const printed = result.printed as Printed;
    const power =
      printed.powerW === undefined ? "" : (SOURCES[printed.powerSource ?? ""] ?? printed.powerSource ?? "");
    return cells([
      nameOf(result),
      `\`${printed.dialect}\``,
      power,
      ...COLUMNS.map(([, has]) => (has(printed) ? "•" : "")),
    ]);
  });
  const unread = results.filter(({ printed }) => printed === undefined);
  return [
    HEAD,
    cells(["rig and firmware", "dialect", "power", ...COLUMNS.map(([heading]) => heading)]),
    cells(["---", "---", "---", ...COLUMNS.map(() => ":-:")]),
    ...rows,
    ...(unread.length
      ? ["", "Captured and not read yet:", "", ...unread.map((result) => `- ${nameOf(result)}`)]
      : []),
    "",
  ].join("\n");
}

const nameOf = ({ model, firmware }: Result): string =>
  [model, firmware]
    .filter((text) => text)
    .join(", ")
    .replaceAll("|", "/");
