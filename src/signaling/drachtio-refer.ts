/** What a dialog says of REFER: whether the peer takes it, and what the peer reports of ours. RFC 3515. */
import type { DrachtioDialog, DrachtioRequest, DrachtioResponse } from "./drachtio-types.ts";

/** The status that the target of a REFER answered with, `undefined` when the peer does not say, and whether more comes. */
export type ReferReport = (status: number | undefined, isFinal: boolean) => void;

const STATUS_LINE = /^\s*SIP\/2\.0 ([1-6]\d\d)\b/;

/** Refuses to be sent elsewhere, and hears what becomes of those that we send. */
export function hearRefers(dialog: DrachtioDialog, report: ReferReport): void {
  dialog.on("refer", (_request: DrachtioRequest, response: DrachtioResponse) => {
    response.send(603, "Decline");
  });
  dialog.on("notify", (request: DrachtioRequest, response: DrachtioResponse) => {
    if (!/^\s*refer\s*(?:;|$)/i.test(request.get("Event") ?? "")) {
      response.send(489);
      return;
    }
    response.send(200);
    const found = STATUS_LINE.exec(request.body ?? "")?.[1];
    const status = found === undefined ? undefined : Number(found);
    const isOver = /^\s*terminated/i.test(request.get("Subscription-State") ?? "");
    report(status, isOver || (status !== undefined && status >= 200));
  });
}

/** The methods of the peer's Allow; `undefined`: it did not say. */
export function methodsAllowed({ type, req, res }: DrachtioDialog): readonly string[] | undefined {
  const allow = (type === "uas" ? req : res).get("Allow");
  return allow === undefined || allow === ""
    ? undefined
    : allow.split(",").map((method) => method.trim().toUpperCase());
}
