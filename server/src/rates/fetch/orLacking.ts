import { ServerError } from "../../error.js";
import type { RateQuestion } from "./rateFetcher.js";

/** An answer that the others do not hang on: where it fails, that is told as lacking, and it is undefined. */
export async function orLacking<T>(
  answer: Promise<T>,
  { lacks }: Pick<RateQuestion, "lacks">,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    lacks(error.message);
    return undefined;
  }
}
