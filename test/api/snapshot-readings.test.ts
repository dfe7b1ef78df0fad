/** The metrics know every counter of the SIP server by its name. */
import { expect, it } from "vitest";
import type { SipSnapshot } from "../../src/api/snapshot.ts";
import { readSnapshot } from "../../src/api/snapshot-readings.ts";
import { Counters } from "../../src/signaling/embedded/counters.ts";

/** Tells of each counter whether a metric shows it. */
function isShown(name: string): boolean {
  const sip: SipSnapshot = {
    linkUp: true,
    dialogs: 0,
    transactions: 0,
    connections: 0,
    counters: { [name]: 77 },
  };
  const snapshot = { callsActive: 0, timersPending: 0, sip };
  return readSnapshot(snapshot).some(({ value }) => value === 77);
}

it("shows every counter of the embedded SIP server as a metric", () => {
  const names = Object.keys(new Counters().toJSON());
  expect(names.filter((name) => !isShown(name))).toEqual([]);
});
