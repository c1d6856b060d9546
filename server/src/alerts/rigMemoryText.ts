import { checked } from "@hashwatt/protocol/checked";
import { z } from "zod";
import type { ByRig } from "../identity/byRig.js";
import { EXACT_SIZE, KEPT, ROUGH_SIZE } from "./memoryFields.js";

/** What is remembered of rigs: of each, at its slot, so many numbers of either kind. */
export interface RememberedNumbers {
  slots: Pick<ByRig<number>, "size" | "keys" | "values">;
  exact: Float64Array;
  rough: Float32Array;
}

/** What a text held, in the order of its rigs; without `exact` only the first {@link KEPT} rough numbers of each. */
export interface SavedNumbers {
  rigs: readonly number[];
  rough: Float32Array;
  exact: Float64Array | undefined;
}

const rigs = z.array(z.int().min(1));
const schema = z.discriminatedUnion("v", [
  /** Only what is usual. */
  z.object({ v: z.literal(1), rigs, kept: z.string() }),
  z.object({ v: z.literal(2), rigs, exact: z.string(), rough: z.string() }),
]);

/** All that is remembered as text: about 430 characters a rig. */
export function memoryText({ slots, exact, rough }: RememberedNumbers): string {
  const own = {
    exact: new Float64Array(slots.size * EXACT_SIZE),
    rough: new Float32Array(slots.size * ROUGH_SIZE),
  };
  let i = 0;
  for (const slot of slots.values()) {
    own.exact.set(exact.subarray(slot * EXACT_SIZE, (slot + 1) * EXACT_SIZE), i * EXACT_SIZE);
    own.rough.set(rough.subarray(slot * ROUGH_SIZE, (slot + 1) * ROUGH_SIZE), i * ROUGH_SIZE);
    i++;
  }
  return JSON.stringify({
    v: 2,
    rigs: [...slots.keys()],
    exact: Buffer.from(own.exact.buffer).toString("base64"),
    rough: Buffer.from(own.rough.buffer).toString("base64"),
  });
}

/** Takes apart what {@link memoryText} gave, and what earlier versions did; undefined for a text that is none. */
export function parseMemory(text: string): SavedNumbers | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const told = checked(schema, json);
  if (!told.success) return undefined;
  const saved = told.data;
  const each = saved.rigs.length;
  const rough = bytesOf(
    saved.v === 1 ? saved.kept : saved.rough,
    each * (saved.v === 1 ? KEPT : ROUGH_SIZE) * 4,
  );
  const exact = saved.v === 1 ? undefined : bytesOf(saved.exact, each * EXACT_SIZE * 8);
  if (!rough || (saved.v === 2 && !exact)) return undefined;
  return {
    rigs: saved.rigs,
    rough: new Float32Array(rough.buffer),
    exact: exact && new Float64Array(exact.buffer),
  };
}

/** Bytes of their own, so that numbers may begin at any of them; undefined where there are not so many. */
function bytesOf(base64: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  return bytes.length === length ? bytes : undefined;
}
