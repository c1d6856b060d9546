import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SimulatorError } from "../errors.js";

/** A reply: a string is what was sent, byte by byte (latin-1); anything else is JSON whose formatting was not kept. */
const replySchema = z.json();

const authSchema = z.object({
  scheme: z.enum(["digest", "basic", "token", "bearer"]),
  realm: z.string().optional(),
  /** The route that gives out a token, like `POST /api/v1/auth/login`. */
  login: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});

/** A rig's replies as they were captured; docs/capture-format.md explains each key. Other keys are let pass. */
export const captureSchema = z.looseObject({
  id: z.string().regex(/^[\w.-]{1,100}$/, "must be of letters, digits, dot, dash and underscore"),
  transport: z.enum(["cgminer-tcp", "cgminer-tcp-text", "cgminer-tcp+http", "http", "whatsminer-v3-tcp"]),
  framing: z.looseObject({ nul: z.boolean().optional(), port: z.int().optional() }).optional(),
  responses: z.record(z.string(), replySchema).default({}),
  http: z
    .looseObject({
      port: z.int().min(1).max(65_535).default(80),
      auth: authSchema.nullish(),
      routes: z.record(z.string(), replySchema).default({}),
      graphql: z.object({ path: z.string(), responses: z.record(z.string(), replySchema) }).optional(),
    })
    .optional(),
});

export type Capture = z.infer<typeof captureSchema>;
export type CapturedReply = z.infer<typeof replySchema>;

/** The captures of a folder in the order of their file names; throws `bad-capture`, naming file and reason. */
export function readCaptures(folder: string): Capture[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "index.json");
  } catch (cause) {
    const { code = "unknown" } = cause as NodeJS.ErrnoException;
    throw new SimulatorError("bad-capture", `cannot read the folder of captures ${folder} (${code})`, {
      cause,
    });
  }
  if (!names.length)
    throw new SimulatorError(
      "bad-capture",
      `${folder} holds no capture: put files there that "agent capture" wrote, one for a rig`,
    );
  return names.sort().map((name) => readCapture(join(folder, name)));
}

function readCapture(path: string): Capture {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SimulatorError("bad-capture", `cannot read the capture ${path}: ${reason}`, { cause });
  }
  const result = captureSchema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new SimulatorError(
    "bad-capture",
    `the capture ${path} is not one: ${issue?.path.join(".") || "file"}: ${issue?.message ?? "invalid"}`,
  );
}

/** The captured reply of this name; undefined where there is none, also for words that every object has. */
export const replyNamed = ({ responses }: Capture, name: string): CapturedReply | undefined =>
  Object.hasOwn(responses, name) ? responses[name] : undefined;

/** The bytes of a reply: as they were, or as compact JSON. */
export const bytesOf = (reply: CapturedReply): Buffer =>
  typeof reply === "string" ? Buffer.from(reply, "latin1") : Buffer.from(JSON.stringify(reply));

/** The format as JSON Schema (draft 2020-12), as docs/capture.schema.json holds it. */
export const captureJsonSchema = (): object => ({
  title: "A capture: the raw replies of one mining rig",
  ...z.toJSONSchema(captureSchema, { io: "input" }),
});
