import { describe, expect, it } from "vitest";
import { authorization, isSendable, readChallenge, realmOf } from "./webAuth.js";

// The worked example of RFC 7616, section 3.9.1.
const RFC =
  'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const MUFASA = { username: "Mufasa", password: "Circle of Life" };
const CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

describe("a Digest answer", () => {
  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("with %s is that of RFC 7616", (algorithm, response) => {
    const challenge = readChallenge([`Digest ${RFC}, algorithm=${algorithm}`])!;
    const answer = authorization(challenge, MUFASA, "GET", "/dir/index.html", () => CNONCE);
    expect(answer).toContain(`response="${response}"`);
    expect(answer).toContain("qop=auth, nc=00000001");
    expect(authorization(challenge, MUFASA, "GET", "/dir/index.html", () => CNONCE)).toContain("nc=00000002");
  });

  it("without qop is that of RFC 2069, as the oldest servers want it", () => {
    const challenge = readChallenge([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
    ])!;
    const answer = authorization(challenge, MUFASA, "GET", "/");
    expect(answer).not.toMatch(/qop|nc=|cnonce|algorithm/);
  });

  it("is of the strongest that is offered and known", () => {
    const offered = [`Digest ${RFC}, algorithm=MD5`, `Digest ${RFC}, algorithm=SHA-256`, 'Basic realm="x"'];
    expect(readChallenge(offered)).toMatchObject({ algorithm: "SHA-256" });
    expect(readChallenge([offered.join(", ")])).toMatchObject({ algorithm: "SHA-256" });
    expect(readChallenge(['Basic realm="x"', 'Digest realm="x", nonce="n", qop="auth-int"'])).toEqual({
      scheme: "basic",
      realm: "x",
    });
  });

  it("is not given to what is not spoken", () => {
    for (const header of [
      "Bearer",
      'Digest realm="x"',
      'Digest realm="x", nonce="n", algorithm=SHA-512-256',
      'realm="x"',
      "",
      "=",
      '"',
    ])
      expect(readChallenge([header])).toBeUndefined();
  });

  it("that no header can send back is none", () => {
    for (const hole of ["\u0007", "\u001b[2J", "\u007f", "\u0000", "\u20ac"])
      for (const header of [
        `Digest realm="${hole}", nonce="n"`,
        `Digest realm="x", nonce="${hole}"`,
        `Digest realm="x", nonce="n", opaque="${hole}"`,
      ])
        expect(readChallenge([header]), JSON.stringify(header)).toBeUndefined();
    expect(readChallenge(['Digest realm="\u0007", nonce="n"', 'Basic realm="\u0007"'])).toMatchObject({
      scheme: "basic",
    });
  });

  it("is answered with a name of any letters, as bytes of UTF-8", () => {
    const challenge = readChallenge(['Digest realm="x", nonce="n"'])!;
    const answer = authorization(challenge, { username: "\u77ff\u5de5", password: "p" }, "GET", "/");
    expect(isSendable(answer)).toBe(true);
    expect(Buffer.from(answer, "latin1").toString("utf8")).toContain('username="\u77ff\u5de5"');
  });

  it("escapes quotes of names", () => {
    const challenge = readChallenge(['Digest realm="a\\"b", nonce="n"'])!;
    expect(challenge.realm).toBe('a"b');
    expect(authorization(challenge, { username: 'u"', password: "p" }, "GET", "/")).toContain(
      'username="u\\"", realm="a\\"b"',
    );
  });
});

it("a realm is read from whatever scheme has one", () => {
  expect(realmOf(['Digest realm="antMiner Configuration", nonce="n"'])).toBe("antMiner Configuration");
  expect(realmOf(["Bearer"])).toBeUndefined();
});

it("a Basic answer holds user and password", () => {
  expect(
    authorization({ scheme: "basic", realm: "x" }, { username: "root", password: "röot" }, "GET", "/"),
  ).toBe(`Basic ${Buffer.from("root:röot").toString("base64")}`);
});
