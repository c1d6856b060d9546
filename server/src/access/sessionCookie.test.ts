import { describe, expect, test } from "vitest";
import { cookieToken, setCookie } from "./sessionCookie.js";

const host = "farm.example:8443";

describe("the cookie of a session", () => {
  test("is bound to its host over TLS, and named by the port, as browsers keep one jar for all ports", () => {
    expect(setCookie("t", { host }, true)).toBe(
      "__Host-hashwatt-8443=t; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure",
    );
    expect(setCookie("t", { host: "farm.example" }, true)).toMatch(/^__Host-hashwatt=t; Path=\/; /);
    expect(setCookie("", { host }, true)).toMatch(/^__Host-hashwatt-8443=; Path=\/; Max-Age=0; /);
    // Browsers refuse the prefix where nothing is encrypted.
    expect(setCookie("t", { host }, false)).toBe(
      "hashwatt-8443=t; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
    );
  });

  test.each([
    ["hashwatt-8443=a", { token: "a", isBound: false }],
    ["x=1; __Host-hashwatt-8443=b; y=2", { token: "b", isBound: true }],
    // What a neighbour has put beside it counts for nothing, wherever it stands.
    ["hashwatt-8443=a; __Host-hashwatt-8443=b", { token: "b", isBound: true }],
    ["__Host-hashwatt-8443=b; hashwatt-8443=a", { token: "b", isBound: true }],
    ["__Host-hashwatt=b; hashwatt=a", undefined],
    ["__host-hashwatt-8443=b", undefined],
    ["", undefined],
  ])("is read out of %j", (cookie, read) => {
    expect(cookieToken({ host, cookie })).toEqual(read);
  });
});
