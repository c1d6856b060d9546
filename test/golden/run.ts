import { type Golden, moved, readGolden, runAll, SECTIONS, type Section, writeGolden } from "./golden.js";

const HELP = `npm run golden [-- --write] [SECTION…]
  Lives through every scenario and says which figures are not what test/golden/ has; exit code 1 when there is one.
  --write    writes the figures down: after a change that was meant to move them
  SECTION    ${SECTIONS.join(", ")}; all of them unless given`;

const args = process.argv.slice(2);
const isSection = (word: string): word is Section => (SECTIONS as readonly string[]).includes(word);
const write = args.includes("--write");
const words = args.filter((arg) => arg !== "--write");
if (!words.every(isSection)) {
  console.log(HELP);
  process.exit(words.includes("--help") ? 0 : 1);
}
const sections: readonly Section[] = words.length ? words : SECTIONS;

const is = await runAll();
let was: Partial<Golden> = {};
try {
  was = readGolden();
} catch (error) {
  if (!write) throw error;
}
const lines = sections.flatMap((section) => moved(was[section] ?? {}, is[section], section));
for (const line of lines) console.log(line);
if (write) writeGolden(is, sections);
const outcome = write ? "written down" : "moved; npm run golden -- --write if that was meant";
console.log(
  lines.length ? `${lines.length} figures ${outcome}` : `node ${process.version}: all figures hold`,
);
process.exit(lines.length && !write ? 1 : 0);
