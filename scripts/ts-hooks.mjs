// Module hooks that run TypeScript: `./x.js` finds `x.ts` where only that exists, and types are stripped by the compiler
// that vite brings. What was stripped once is kept, so that a measured process does not carry a compiler. `using` would
// want a runtime package that is not there; what runs through these hooks does without it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const kept = fileURLToPath(new URL("../node_modules/.cache/hashwatt-ts/", import.meta.url));

/** JavaScript of a TypeScript file. */
export async function stripped(path) {
  const source = readFileSync(path, "utf8");
  const at = join(kept, `${createHash("sha256").update(path).update("\0").update(source).digest("hex")}.mjs`);
  if (existsSync(at)) return readFileSync(at, "utf8");
  const { transformWithOxc } = await import("vite");
  const { code } = await transformWithOxc(source, path, { sourcemap: false, target: "es2022" });
  mkdirSync(kept, { recursive: true });
  const partial = `${at}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(partial, code);
  renameSync(partial, at);
  return code;
}

export async function resolve(specifier, context, next) {
  if (/^\.{0,2}\//.test(specifier) && specifier.endsWith(".js") && context.parentURL?.startsWith("file:")) {
    const url = new URL(specifier, context.parentURL);
    const typescript = fileURLToPath(url).replace(/\.js$/, ".ts");
    if (!existsSync(fileURLToPath(url)) && existsSync(typescript))
      return { url: pathToFileURL(typescript).href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith("file:") || !/\.m?ts$/.test(url) || url.endsWith(".d.ts")) return next(url, context);
  return { format: "module", source: await stripped(fileURLToPath(url)), shortCircuit: true };
}
