import { z } from "zod";
import { tariffDefects } from "../rates/tariffs/checkTariff.js";
import { type Tariff, tariffSchema } from "../rates/tariffs/tariff.js";

/** The tariffs of a site, one after another. */
export const tariffsSchema = z.array(tariffSchema).min(1).max(100);

/** What is wrong with tariffs of the right shape, the first only, with the path of its key; undefined = nothing. */
export function tariffsProblem(
  tariffs: readonly Tariff[],
  zone: string,
  currency: string,
): { key: string; message: string } | undefined {
  const twice = tariffs.findIndex(({ id }, i) => tariffs.findIndex((other) => other.id === id) < i);
  if (twice >= 0)
    return { key: `tariffs[${twice}].id`, message: `"${tariffs[twice]!.id}" is there twice; rename one` };
  const [defect] = tariffDefects(tariffs, { zone, currency });
  if (!defect) return undefined;
  const { id, path, message } = defect;
  return { key: `tariffs[${tariffs.findIndex((tariff) => tariff.id === id)}].${path}`, message };
}
