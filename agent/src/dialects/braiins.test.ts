import { describe, expect, it } from "vitest";
import { parseBody, parseReply, type Reply } from "../replies/reply.js";
import { API_VERSION, eraOf, IDENTITY, NOBODY } from "./braiins.js";
import { LOOK, type Seen, type WebPage } from "./dialect.js";
import { dialects } from "./registry.js";

const rpc = (version: object, description = "x 1"): Reply =>
  parseReply(
    JSON.stringify({ STATUS: [{ STATUS: "S", Description: description }], VERSION: [version], id: 1 }),
    true,
  );
const page = (changes: Partial<WebPage> = {}): WebPage => ({
  port: 80,
  status: 200,
  realm: undefined,
  server: undefined,
  location: undefined,
  text: "",
  ...changes,
});
const build = (full: string): Reply =>
  parseBody(JSON.stringify({ data: { bos: { hostname: "h", info: { version: { full } } } } }), false);
const REST = parseBody('{"major":1,"minor":1,"patch":0}', false);
const OF_2503 = build("2025-04-07-0-0badcafe-25.03-plus");
const OF_2507 = build("2025-08-06-0-0badcafe-25.07-plus");
const refusal = (text: string): Reply => ({ members: {}, cut: false, value: text });
const REFUSED = refusal('{"message":"invalid credentials"}');
const BOSER = rpc({ API: "3.7", BOSer: "boser-buildroot 0.1.0-0badcafe" });

/** `asked` beyond what was answered: it came to nothing. */
const seen = (by: Record<string, Reply>, asked: string[] = [], look?: WebPage): Seen => ({
  by,
  asked: new Set([...Object.keys(by), ...asked, ...(look ? [LOOK] : [])]),
  text: Object.keys(by).length ? "something" : "",
  ...(look && { page: look }),
});

/** A rig whose REST API wants a login. */
const shut = (
  by: Record<string, Reply>,
  status = 401,
  asked: string[] = [],
  text = "unauthorized",
): Seen => ({
  ...seen(by, [API_VERSION.name, ...asked], page({ status, text })),
  shut: new Set([API_VERSION.name]),
});

describe("how a rig with Braiins OS is read", () => {
  it.each([
    ["BOSminer by its version", seen({ version: rpc({ BOSminer: "bosminer-am1-s9 0.2.0" }) }), "bosminer"],
    ["BOSminer+", seen({ version: rpc({ "BOSminer+": "bosminer-plus-am2-s17 0.9.0" }) }), "bosminer"],
    [
      "BOSminer by any answer",
      seen({ stats: rpc({}, "BOSminer bosminer-am1-s9 0.2.0-0badcafe") }),
      "bosminer",
    ],
    ["BOSer, before its build is known", seen({ version: BOSER }), IDENTITY],
    ["BOSer of 25.03", seen({ version: BOSER, identity: OF_2503 }), "graphql"],
    [
      "BOSer of 22.08",
      seen({ version: BOSER, identity: build("2022-09-13-0-11012d53-22.08-plus") }),
      "graphql",
    ],
    [
      "BOSer of a nightly build",
      seen({ version: BOSER, identity: build("2023-01-01-0-0badcafe-nightly") }),
      "graphql",
    ],
    ["BOSer of 25.07", seen({ version: BOSER, identity: OF_2507 }), "rest"],
    [
      "BOSer of 26.04.1",
      seen({ version: BOSER, identity: build("2026-05-01-0-0badcafe-26.04.1-plus") }),
      "rest",
    ],
    ["BOSer without GraphQL", seen({ version: BOSER }, [IDENTITY.name]), API_VERSION],
    ["BOSer that answers REST", seen({ version: BOSER, [API_VERSION.name]: REST }, [IDENTITY.name]), "rest"],
    [
      "BOSer that says nothing before a login",
      seen({ version: BOSER }, [IDENTITY.name, API_VERSION.name], page()),
      "rest",
    ],
    ["BOSer whose web interface is closed", seen({ version: BOSER }, [LOOK]), "bosminer"],
    ["its page alone", seen({}, [], page({ text: "<title>braiins os</title>" })), IDENTITY],
    ["its page, of 25.03", seen({ identity: OF_2503 }, [], page({ text: "braiins os" })), "graphql"],
    [
      "its page, closed otherwise",
      seen({}, [IDENTITY.name, API_VERSION.name], page({ text: "braiins os" })),
      "rest",
    ],
    ["a page that says nothing", seen({}, [], page()), API_VERSION],
    ["REST behind such a page", seen({ [API_VERSION.name]: REST }, [IDENTITY.name], page()), "rest"],
    ["GraphQL behind such a page", seen({ identity: OF_2503 }, [API_VERSION.name], page()), "graphql"],
    ["a shut web interface without a realm", shut({}), NOBODY],
    ["one that refuses a login in the API's words", shut({ [NOBODY.name]: REFUSED }), "rest"],
    ["one that is open but for the API", shut({ [NOBODY.name]: REFUSED }, 404, [IDENTITY.name]), "rest"],
    ["one that refuses it in words of its own", shut({ [NOBODY.name]: refusal("Unauthorized") }), undefined],
    ["one that has no such login", shut({}, 401, [NOBODY.name]), undefined],
    [
      "one that says the same to everything",
      shut({ [NOBODY.name]: REFUSED }, 401, [], '{"message":"invalid credentials"}'),
      undefined,
    ],
    ["somebody else's page", seen({}, [IDENTITY.name, API_VERSION.name], page()), undefined],
    [
      "a shut web interface with a realm",
      seen({}, [], page({ status: 401, realm: "antminer configuration" })),
      undefined,
    ],
    ["somebody else's API", seen({ version: rpc({ LUXminer: "1" }, "LUXminer 1") }, [], page()), undefined],
    ["nobody yet", seen({}), undefined],
  ])("%s", (_, what, era) => expect(eraOf(what)).toEqual(era));

  it("is claimed by one dialect alone", () => {
    for (const [by, id] of [
      [{ version: rpc({ BOSminer: "x" }) }, "bosminer"],
      [{ version: BOSER, identity: OF_2503 }, "braiins-graphql"],
      [{ version: BOSER, identity: OF_2507 }, "braiins-rest"],
    ] as const) {
      const claimed = dialects.filter((dialect) => dialect.claims(seen(by)).kind === "mine");
      expect(claimed.map((dialect) => dialect.id)).toEqual([id]);
    }
  });
});
