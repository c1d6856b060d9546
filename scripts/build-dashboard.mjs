// Builds the dashboard beside its folder and then puts in what has changed, file by file: a server that serves the folder meanwhile
// never finds a page without its parts, and an unchanged build touches nothing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../dashboard", import.meta.url));
const target = join(root, "dist");
const fresh = join(root, "node_modules", `.build-${process.pid}`);

/** Files of a folder, by their way from it. */
const filesOf = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    : [];
const same = (a, b) => existsSync(b) && readFileSync(a).equals(readFileSync(b));

try {
  const vite = join(dirname(root), "node_modules/vite/bin/vite.js");
  const built = spawnSync(process.execPath, [vite, "build", "--outDir", fresh, "--emptyOutDir"], {
    cwd: root,
    stdio: "inherit",
  });
  if (built.status !== 0) throw new Error("the dashboard was not built; what vite says above is why");
  const files = filesOf(fresh);
  // The page itself comes last, when all that it names is there.
  for (const file of [...files.filter((name) => name !== "index.html"), "index.html"]) {
    if (same(join(fresh, file), join(target, file))) continue;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    renameSync(join(fresh, file), join(target, file));
  }
  for (const file of filesOf(target)) if (!files.includes(file)) rmSync(join(target, file), { force: true });
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
