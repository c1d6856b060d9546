import { validatorCompiler } from "fastify-type-provider-zod";
import { ServerError } from "../error.js";

/**
 * Checks what a request holds by its schema, and never throws: a body that holds an object in the place of a text makes the
 * check itself throw (see `checked` in protocol), which is the sender's fault and no defect.
 */
export const validator: typeof validatorCompiler = (route) => {
  const check = validatorCompiler(route);
  return (data) => {
    try {
      return check(data);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      const message = "body: holds an object in the place of a text or a list";
      return { error: new ServerError("badRequest", message, { cause: error }) };
    }
  };
};
