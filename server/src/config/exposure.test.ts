import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../config.js";
import { ServerError } from "../error.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-exposure-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const file = (text: string): string => {
  const path = join(folder, `${files++}.yaml`);
  writeFileSync(path, text);
  return path;
};
const refusal = (text: string, env: Record<string, string> = {}): string => {
  try {
    loadConfig(file(text), env);
  } catch (error) {
    expect(error).toBeInstanceOf(ServerError);
    return (error as ServerError).message;
  }
  throw new Error("was not refused");
};

describe("the config of who gets in", () => {
  test.each([
    ["http: { host: 0.0.0.0 }", "http.host: 0.0.0.0 lets other machines in, so a login comes first: set"],
    ["http: { host: '::' }", "http.host: :: lets other machines in"],
    ["http: { host: farm.example }", "http.host: farm.example lets other machines in"],
    ["http: { host: 'a b' }", "http.host: must be an address such as 127.0.0.1"],
    ["http: { password: short }", "http.password: must have at least 8 characters"],
    ["http: { password: 'scrypt:15:8:3:cut' }", "http.password: begins like a hash and is none"],
    ["http: { tokens: [0123456789abcde] }", "http.tokens[0]: must have at least 16 characters"],
    ["http: { tokens: ['0123456789 abcdef'] }", "http.tokens[0]: must have at least 16 characters"],
    [
      "http: { password: long-enough, passwordFile: /x }",
      "http has both password and passwordFile; keep one",
    ],
    ["http: { users: [{ name: ann, role: viewer }] }", "http.users[0]: ann has no password"],
    [
      "http: { users: [{ name: admin, role: admin, password: long-enough }] }",
      "http.users[0].name: is who logs in by http.password",
    ],
    [
      "http: { users: [{ name: a, role: admin, password: long-enough }, { name: a, role: viewer, password: long-enough }] }",
      "http.users[1]: a is there twice",
    ],
    ["http: { users: [{ name: a, role: boss, password: long-enough }] }", "http.users[0].role: "],
    [
      "http: { tokens: [{ token: 0123456789abcdef, scope: read, expires: tomorrow }] }",
      "http.tokens[0].expires: must be a day such as 2027-06-30",
    ],
    [
      "http: { tokens: [{ token: 0123456789abcdef, scop: read }] }",
      "unknown key http.tokens[0].scop; did you mean scope?",
    ],
    ["http: { passwordFile: /none/password }", "http.passwordFile: cannot read /none/password (ENOENT)"],
    ["http: { tokensFile: /none/tokens }", "http.tokensFile: cannot read /none/tokens (ENOENT)"],
    ["http: { proxies: [proxy.example] }", "http.proxies[0]: must be an address or a network"],
    [
      "broker: { embedded: { host: 192.168.0.1 } }",
      "broker.embedded.host: 192.168.0.1 lets other machines in, so agents need passwords first",
    ],
    ["broker: { embedded: { users: [{ name: a1 }] } }", "broker.embedded.users[0]: a1 has no password"],
    [
      "broker: { embedded: { users: [{ name: a1, password: short }] } }",
      "broker.embedded.users[0].password: must have at least 8 characters",
    ],
    [
      "broker: { embedded: { users: [{ name: a1, password: long-enough }, { name: a1, password: long-enough }] } }",
      "broker.embedded.users[1]: a1 is there twice; keep one",
    ],
    [
      "broker: { embedded: { users: [{ name: hashwatt-server, password: long-enough }] } }",
      "broker.embedded.users[0].name: is the server's own name",
    ],
    [
      "broker: { embedded: { users: [{ name: a1, password: long-enough }] } }",
      "broker.embedded.users[0].name: a1 is the agent of no site: call it by its site, as in home/a1, here and in",
    ],
    [
      "sites: [{ site: north }, { site: south }]\nbroker: { embedded: { users: [{ name: south/a1, password: long-enough }, { name: a1, password: long-enough }] } }",
      "broker.embedded.users[1].name: a1 is the agent of no site: call it by its site, as in north/a1,",
    ],
    [
      "broker: { embedded: { users: [{ name: a, password: long-enough, readOnly: true, topics: [x] }] } }",
      "broker.embedded.users[0]: a is readOnly and has topics to publish on; keep one",
    ],
    ...["#", "+/x", "a/#/b", "a/b+", "$SYS/x", "/x", ""].map((topic) => [
      `broker: { embedded: { users: [{ name: a, password: long-enough, topics: ["${topic}"] }] } }`,
      "broker.embedded.users[0].topics[0]: must be a topic such as tele/rack-a/SENSOR or shellies/rack-a/#",
    ]),
    [
      "broker: { embedded: { users: [{ name: a, password: long-enough, topics: [hashwatt/#] }] } }",
      "broker.embedded.users[0].topics[0]: must be a meter's own topic, not one under hashwatt/",
    ],
    [
      "broker: { embedded: { users: [{ nme: a1 }] } }",
      "unknown key broker.embedded.users[0].nme; did you mean name?",
    ],
  ])("refuses %s with one line that names the key", (text, message) => {
    const said = refusal(text);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });

  test("lets the server listen beyond loopback once a password or a token is there, from wherever it comes", () => {
    const password = file("correct horse\n");
    const tokens = file("# grafana\n0123456789abcdef-grafana\n\n0123456789abcdef-prometheus\n");
    const host = { HASHWATT_SERVER_HTTP_HOST: "0.0.0.0" };
    for (const [text, env] of [
      ["http: { password: correct horse }", {}],
      [`http: { passwordFile: "${password}" }`, {}],
      [`http: { tokensFile: "${tokens}" }`, {}],
      ["", { HASHWATT_SERVER_HTTP_PASSWORD: "correct horse" }],
      ["", { HASHWATT_SERVER_HTTP_PASSWORD_FILE: password }],
      ["", { HASHWATT_SERVER_HTTP_TOKENS: "0123456789abcdef-grafana,0123456789abcdef-prometheus" }],
      ["", { HASHWATT_SERVER_HTTP_TOKENS_FILE: tokens }],
    ] as const) {
      const config = loadConfig(file(text), { ...host, ...env });
      expect(config.http.host).toBe("0.0.0.0");
      const secrets = [config.http.password, ...config.http.tokens.map(({ token }) => token)].map((secret) =>
        secret?.reveal(),
      );
      expect(
        secrets.includes("correct horse") ? secrets : secrets.slice(1),
        `${text} ${JSON.stringify(env)}`,
      ).toEqual(
        secrets.includes("correct horse")
          ? ["correct horse"]
          : ["0123456789abcdef-grafana", "0123456789abcdef-prometheus"],
      );
      expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toMatch(/correct horse|0123456789/);
    }
  });

  test("takes users with roles, and tokens with scope and end beside bare ones, from files too", () => {
    const password = file("secret of ann\n");
    const config = loadConfig(
      file(
        `http: { host: 0.0.0.0, users: [{ name: ann, role: viewer, passwordFile: "${password}" }], tokens: [0123456789abcdef-bare, { token: 0123456789abcdef-new, name: grafana, scope: read, expires: 2027-06-30 }, { token: 0123456789abcdef-on, scope: operate, expires: 2027-06-30T12:00+08:00 }] }`,
      ),
      {},
    );
    expect(config.http.users[0]).toMatchObject({ name: "ann", role: "viewer" });
    expect(config.http.users[0]?.password?.reveal()).toBe("secret of ann");
    expect(config.http.tokens.map(({ token: _token, ...rest }) => rest)).toEqual([
      { scope: "admin" },
      { name: "grafana", scope: "read", expiresMs: Date.UTC(2027, 6, 1) },
      { scope: "operate", expiresMs: Date.UTC(2027, 5, 30, 4) },
    ]);
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toMatch(/secret of|0123456789/);
  });

  test("takes a secret that Compose hands on as an empty text for one that nobody has set", () => {
    const env = { HASHWATT_SERVER_HTTP_PASSWORD: "", HASHWATT_SERVER_HTTP_TOKENS: "" };
    expect(loadConfig(undefined, env).http).toMatchObject({ host: "127.0.0.1", tokens: [] });
    expect(loadConfig(undefined, env).http.password).toBeUndefined();
    expect(refusal("", { ...env, HASHWATT_SERVER_HTTP_HOST: "0.0.0.0" })).toMatch(
      /^HASHWATT_SERVER_HTTP_HOST: 0\.0\.0\.0 lets other machines in/,
    );
  });

  test("takes a list of names from the environment", () => {
    const env = { HASHWATT_SERVER_HTTP_HOSTS: "server, farm.example" };
    expect(loadConfig(undefined, env).http.hosts).toEqual(["server", "farm.example"]);
  });

  test.each([
    ["HASHWATT_SERVER_HTTP_PASSWORD", "sw0rdfs"],
    ["HASHWATT_SERVER_HTTP_TOKENS", "0123456789abcdef,sw0rdfs"],
  ])("refuses what is too short, and names %s and not the secret", (name, value) => {
    const said = refusal("", { [name]: value });
    expect(said).toMatch(new RegExp(`^${name}: must have at least (8|16) characters`));
    expect(said).not.toContain("sw0rdfs");
  });

  test("names a file whose secret will not do, and the line, and not the secret", () => {
    const password = file("sw0rdfs\n");
    const tokens = file("0123456789abcdef-grafana\nsw0rdfs\n");
    expect(refusal(`http: { passwordFile: "${password}" }`)).toMatch(
      /http\.passwordFile: must have at least 8 characters$/,
    );
    const said = refusal(`http: { tokensFile: "${tokens}" }`);
    expect(said).toContain(`http.tokensFile: line 2 of ${tokens}: must have at least 16 characters`);
    expect(said).not.toContain("sw0rdfs");
  });

  test("takes the users of the embedded broker, with passwords from files too, and lets it listen then", () => {
    const password = file("secret of a1\n");
    const config = loadConfig(
      file(
        `sites: [{ site: farm }]\nbroker: { embedded: { host: 0.0.0.0, users: [{ name: a1, passwordFile: "${password}" }, { name: grafana, password: secret of grafana, readOnly: true }] } }`,
      ),
      {},
    );
    expect(config.broker).toMatchObject({
      embedded: { host: "0.0.0.0", port: 1883, users: [{ readOnly: false }, { readOnly: true }] },
    });
    const { broker } = config;
    if (typeof broker !== "object" || !("embedded" in broker)) throw new Error("no embedded broker");
    expect(broker.embedded.users.map((user) => user.password?.reveal())).toEqual([
      "secret of a1",
      "secret of grafana",
    ]);
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toContain("secret of");
  });
});
