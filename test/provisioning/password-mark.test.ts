/** The fingerprint of passwords that an account does not give back. */
import { describe, expect, it } from "vitest";
import { isMarkOf, passwordsMark } from "../../src/provisioning/password-mark.ts";

const SALT = "00112233445566778899aabbccddeeff";
const one = { username: "one", password: "first password" };
const two = { username: "two", password: "second password" };

describe("the mark of passwords", () => {
  it("is that of these passwords in any order, and of no others", () => {
    const mark = passwordsMark([one, two], SALT);
    expect(isMarkOf(mark, [two, one])).toBe(true);
    expect(isMarkOf(mark, [one])).toBe(false);
    expect(isMarkOf(mark, [one, { ...two, password: "second passwore" }])).toBe(false);
    expect(isMarkOf(mark, [{ ...one, username: "One" }, two])).toBe(false);
  });

  it("differs with the salt, fits into a tag, and shows neither name nor password", () => {
    const mark = passwordsMark([one], SALT);
    expect(mark).not.toBe(passwordsMark([one], SALT.replace("0", "1")));
    expect(mark).toMatch(/^[\w.]{1,256}$/);
    expect(mark).not.toMatch(/one|first/);
  });

  it("that somebody wrote by hand is that of nobody", () => {
    expect(isMarkOf("", [one])).toBe(false);
    expect(isMarkOf("v1.zz.00", [one])).toBe(false);
  });
});
