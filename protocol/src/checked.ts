import { z } from "zod";

const MESSAGE = "holds an object in the place of a text or a list";

/**
 * Checks a stranger's value like `schema.safeParse`, and never throws. A bound of a length is checked of whatever has a
 * `length`, also where a text or a list was expected; one that is an object with members of its own makes zod throw a
 * TypeError instead of saying what is wrong.
 */
export function checked<T extends z.ZodType>(schema: T, value: unknown): z.ZodSafeParseResult<z.output<T>> {
  try {
    return schema.safeParse(value);
  } catch (thrown) {
    if (!(thrown instanceof TypeError || thrown instanceof RangeError)) throw thrown;
    const error = new z.ZodError([{ code: "custom", path: [], message: MESSAGE, input: undefined }]);
    return { success: false, error: error as z.ZodError<z.output<T>> };
  }
}
