// `node --import ./scripts/ts-register.mjs file.ts` runs TypeScript of test/ directly, on a Node that cannot by itself.
import { register } from "node:module";

register("./ts-hooks.mjs", import.meta.url);
