/** What the doctor says of local ports and open files. */
import { describe, expect, it } from "vitest";
import { examine, says } from "../support/doctor-lab.ts";

const OVERLAP = ["local ports", "gives ports 25000 to 29999 of media.ports", "sysctl -w"] as const;
const FILES = [
  "open files",
  "1024 may be open, 500 calls need about 2256",
  "ulimit -n 2256",
] as const;

describe("the doctor, of the system's limits,", () => {
  it("finds ports of media that the system gives away, unless they are kept back", async () => {
    const given = { min: 25_000, max: 60_999 };
    const check = async (reserved: readonly { min: number; max: number }[]) =>
      says(
        (await examine({ machine: { localPorts: () => ({ ...given, reserved }) } })).troubles,
        OVERLAP,
      );
    expect(await check([])).toBe(true);
    expect(await check([{ min: 25_000, max: 27_000 }])).toBe(true);
    expect(await check([{ min: 20_000, max: 29_999 }])).toBe(false);
    expect(says((await examine({})).troubles, OVERLAP)).toBe(false);
  });

  it("finds too few open files for the calls", async () => {
    const machine = { openFilesLimit: () => 1024 };
    expect(says((await examine({ machine })).troubles, FILES)).toBe(true);
    const few = await examine({ machine, gateway: "calls: { max: 100 }" });
    expect(says(few.troubles, ["open files", "", ""])).toBe(false);
    const unknown = await examine({ machine: { openFilesLimit: () => undefined } });
    expect(says(unknown.troubles, ["open files", "", ""])).toBe(false);
  });
});
