/** An application that has requests passed on, and targets that answer them. */
import { answerTo, request, SDP, type SipBench } from "./sip-bench.ts";

/** Places to go. */
export const A = "sip:a@192.0.2.11";
export const B = "sip:b@192.0.2.12";

export interface Wish {
  readonly remain?: boolean;
  readonly follow?: boolean;
  readonly parallel?: boolean;
  readonly provisional?: string;
  readonly final?: string;
  readonly headers?: string;
  readonly method?: string;
}

/** A request has arrived, and the application has it passed on; the id of its command. */
export function proxied(bench: SipBench, targets: readonly string[], wish: Wish = {}): string {
  const method = wish.method ?? "INVITE";
  bench.receive(request(method, { body: method === "INVITE" ? SDP : "" }));
  bench.udp.take();
  return passOn(bench, targets, wish);
}

export function passOn(bench: SipBench, targets: readonly string[], wish: Wish): string {
  const fields = [
    wish.remain === true ? "remainInDialog" : "",
    "fullResponse",
    wish.follow === true ? "followRedirects" : "",
    wish.parallel === true ? "simultaneous" : "serial",
    wish.provisional ?? "",
    wish.final ?? "",
    ...targets,
  ];
  const text = `INVITE ${targets[0] ?? ""} SIP/2.0\r\n${wish.headers ?? ""}\r\n`;
  return bench.app.send(`proxy|${bench.app.transactionId}|${fields.join("|")}`, text);
}

/** What went to a host, and has not been looked at. */
export function sentTo(bench: SipBench, host: string): string[] {
  return bench.udp.sent.filter(({ to }) => to.startsWith(host)).map(({ text }) => text);
}

/** Start lines of it. */
export function linesTo(bench: SipBench, host: string): string[] {
  return sentTo(bench, host).map((text) => text.split("\r\n")[0] ?? "");
}

/** The last request to a host, of a method. */
export function lastTo(bench: SipBench, host: string, method: string): string {
  return sentTo(bench, host).findLast((text) => text.startsWith(method)) ?? "";
}

/** The Via lines of a request, for its response. */
export function viasOf(sent: string): string {
  return (sent.match(/^Via: .*$/gm) ?? []).join("\r\n");
}

/** A target answers the last request of a method; our Via comes back first, then the caller's. */
export function answer(
  bench: SipBench,
  host: string,
  status: number,
  headers?: readonly string[],
): void {
  const sent = lastTo(bench, host, "INVITE");
  const text = answerTo(sent, status, { tag: `at-${host}`, ...(headers && { headers }) });
  bench.receive(text.replace(/^Via: .*$/m, viasOf(sent)), { host, port: 5060 });
}

/** What the application has heard of a command: statuses, and `done`. */
export function told(bench: SipBench, id: string): string[] {
  return bench.app.frames
    .filter(({ fields }) => fields[2] === id)
    .map(({ fields, message }) =>
      message === "" ? (fields.slice(3).join("|") ?? "") : (message.split(" ")[1] ?? ""),
    );
}

export const CALLER = "192.0.2.9";
