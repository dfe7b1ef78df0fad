/** Keys by SIP INFO, as phones really write them. */
import { describe, expect, it } from "vitest";
import { digitOfInfo } from "../../src/call/dtmf-info.ts";

describe("digitOfInfo", () => {
  it.each([
    ["application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"],
    ["application/dtmf-relay", "Signal= *\r\nDuration= 250\r\n", "*"],
    ["Application/DTMF-Relay; charset=utf-8", "Duration=100\nSignal=11", "#"],
    ["application/dtmf", "7", "7"],
    ["application/dtmf", " a \r\n", "A"],
  ])("reads %s %j as %s", (type, body, digit) => {
    expect(digitOfInfo(type, body)).toBe(digit);
  });

  it.each([
    ["application/dtmf-relay", "Signal=hello"],
    ["application/dtmf-relay", ""],
    ["application/dtmf", "55"],
    ["text/plain", "5"],
    ["", ""],
  ])("finds no digit in %s %j", (type, body) => {
    expect(digitOfInfo(type, body)).toBeUndefined();
  });
});
