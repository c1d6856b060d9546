import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Licences that may be bundled; another one needs a decision first. */
const ALLOWED = new Set([
  "MIT",
  "MIT-0",
  "Apache-2.0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
]);

/** The folder and manifest of the npm package that a module belongs to. */
function packageOf(moduleId) {
  for (let at = dirname(moduleId); at !== dirname(at); at = dirname(at)) {
    let manifest;
    try {
      manifest = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
    } catch {
      continue;
    }
    // Some packages hold manifests without a name, which only tell the kind of their modules.
    if (manifest.name && manifest.version) return { at, manifest };
  }
  throw new Error(`${moduleId} belongs to no package`);
}

/** What the licences of the bundled packages ask to be handed on: their names, notices and texts. Throws where a licence does not allow it. */
export function notices(moduleIds) {
  const packages = new Map();
  for (const id of moduleIds) {
    if (!id.includes("/node_modules/")) continue;
    const { at, manifest } = packageOf(id);
    if (manifest.name.startsWith("@hashwatt/")) continue;
    packages.set(`${manifest.name} ${manifest.version}`, { at, manifest });
  }
  const parts = [...packages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { at, manifest }]) => {
      if (!ALLOWED.has(manifest.license))
        throw new Error(
          `${name} is under ${manifest.license}; only ${[...ALLOWED].join(", ")} may be bundled`,
        );
      const texts = readdirSync(at)
        .filter((file) => /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(file))
        .sort()
        .map((file) => readFileSync(join(at, file), "utf8").replaceAll("\r\n", "\n").trim());
      const author = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
      return [
        `${name} (${manifest.license})`,
        ...(texts.length ? texts : [`by ${author ?? "its authors"}`]),
      ].join("\n\n");
    });
  return { count: parts.length, text: parts.join(`\n\n${"-".repeat(80)}\n\n`) };
}
