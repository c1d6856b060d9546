// Puts each program together with all that it imports: `server/program/main.js` and so on, from what `tsc -b` has built. A program
// starts in half the time that way, and holds a third of the text in memory. Names stay as they are, so that a stack trace can be
// read: those of functions and classes, while what is local to one gets a short one. Nothing is done for a program whose bundle is younger than all that it is made of.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { notices } from "./notices.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What stays outside: DuckDB's native parts, which lie in node_modules, and packages that others load if they are there. */
const APART = [/^@duckdb\/node-bindings/, /^bufferutil$/, /^utf-8-validate$/, /^supports-color$/];
/**
 * What packages load and the programs never call, since they are given parts of their own instead (see `schemaController` in
 * server/src/http/app.ts) or are for tests: their text would be held in memory as long as a program runs.
 */
const LEFT_OUT = new Set([
  "@fastify/ajv-compiler",
  "@fastify/fast-json-stringify-compiler",
  "glob",
  "light-my-request",
]);
const leftOut = {
  name: "left-out",
  resolveId: (id) => (LEFT_OUT.has(id) ? `\0left-out:${id}` : undefined),
  load: (id) =>
    id.startsWith("\0left-out:")
      ? `module.exports = () => { throw new Error("${id.slice(10)} is no part of this program"); };`
      : undefined,
};
/**
 * mqtt-packet keeps the encoded length of every message shorter than 16 kB, one buffer for each: 2 MB once all have come up. To make
 * one anew is four bytes of a block that is there already.
 */
const KEEPS = "if (num < 16384) varByteIntCache[num] = buffer";
const keepsNoLengths = {
  name: "keeps-no-lengths",
  transform(code, id) {
    if (!/[\\/]mqtt-packet[\\/]writeToStream\.js$/.test(id)) return undefined;
    if (!code.includes(KEEPS)) throw new Error(`${id} keeps lengths in another way than this knows`);
    return { code: code.replace(KEEPS, ""), map: null };
  },
};
/**
 * A text with a single character beyond Latin-1 takes two bytes for each of its characters as long as the program runs. Such
 * characters stand in strings, templates, patterns and comments alone, where an escape is the same.
 */
const narrow = (code) =>
  code.replace(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** When the newest of a folder's files was written; 0 where there is none. */
const newest = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((ms, entry) => Math.max(ms, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)
    : 0;

const madeOf = Math.max(
  newest(join(root, "protocol/dist")),
  statSync(fileURLToPath(import.meta.url)).mtimeMs,
  statSync(join(root, "package-lock.json")).mtimeMs,
);

for (const name of ["agent", "server", "simulator"]) {
  const target = join(root, name, "program");
  const entry = join(target, "main.js");
  if (existsSync(entry) && statSync(entry).mtimeMs > Math.max(madeOf, newest(join(root, name, "dist"))))
    continue;
  const fresh = `${target}.${process.pid}`;
  try {
    const bundle = await rolldown({
      input: join(root, name, "dist/main.js"),
      platform: "node",
      external: APART,
      plugins: [leftOut, keepsNoLengths],
      logLevel: "warn",
    });
    const { output } = await bundle.generate({
      format: "esm",
      entryFileNames: "main.js",
      chunkFileNames: "[name]-[hash].js",
      minify: { compress: false, mangle: { toplevel: false, keepNames: true }, codegen: true },
    });
    await bundle.close();
    mkdirSync(fresh);
    for (const { fileName, code } of output) writeFileSync(join(fresh, fileName), narrow(code));
    const modules = output.flatMap((part) => (part.type === "chunk" ? Object.keys(part.modules) : []));
    writeFileSync(join(fresh, "THIRD-PARTY.txt"), `${notices(modules).text}\n`);
    // A program that runs meanwhile still loads parts by the names of its own build: they stay until nobody can ask for them.
    const made = readdirSync(fresh);
    if (!existsSync(target)) renameSync(fresh, target);
    else {
      for (const file of [...made.filter((file) => file !== "main.js"), "main.js"])
        renameSync(join(fresh, file), join(target, file));
      const dayAgo = Date.now() - 86_400_000;
      for (const file of readdirSync(target))
        if (!made.includes(file) && statSync(join(target, file)).mtimeMs < dayAgo)
          rmSync(join(target, file), { force: true });
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
