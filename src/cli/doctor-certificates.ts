/** What can be wrong with the certificates of SIP over TLS, and what to change. */
import type { Config } from "../app/config.ts";
import { readFailureText, type TextFiles } from "../app/files.ts";
import {
  type CertificateFacts,
  coversName,
  inspectCertificate,
  isCertificate,
} from "../core/certificate.ts";
import { type Check, portCheck } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

/** Where the files are, and what time it is. */
export interface CertificateWorld {
  readonly machine: Machine;
  readonly files: TextFiles;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: number;
}

interface Pair {
  readonly cert: string;
  readonly key: string;
  /** The name that a peer asks for; undefined: any other. */
  readonly name?: string;
}

const DAY_MS = 86_400_000;
const WARNING_DAYS = 30;

/** The port of SIP over TLS and every file; without TLS, what that means for the keys of encrypted audio. */
export async function certificateChecks(
  { sip: { host, tls, drachtio }, media }: Config,
  world: CertificateWorld,
): Promise<readonly Check[]> {
  if (tls === undefined) {
    return media.srtp === "required" && drachtio === "embedded" ? [READABLE_KEYS] : [];
  }
  const where = { host, port: tls.port, key: "sip.tls.port" };
  const pairs: readonly Pair[] = [{ cert: tls.cert, key: tls.key }, ...tls.serverNames];
  return [
    await portCheck("sip tls", "tcp", where, world.machine),
    ...pairs.map((pair) => pairCheck(pair, world)),
    ...(tls.ca === undefined ? [] : [authoritiesCheck(tls.ca, world)]),
    ...(tls.verify ? [] : [UNVERIFIED]),
  ];
}

const READABLE_KEYS: Check = {
  name: "srtp",
  level: "warn",
  finding: "audio must be encrypted, and without TLS its keys can be read on the way",
  advice: "set sip.tls",
};

const UNVERIFIED: Check = {
  name: "tls peers",
  level: "warn",
  finding: "peers that we call need not prove their name: anybody in between can listen",
  advice: "remove sip.tls.verify, and give private authorities in sip.tls.ca",
};

function pairCheck(pair: Pair, world: CertificateWorld): Check {
  const name = pair.name === undefined ? "certificate" : `certificate for ${pair.name}`;
  const cert = readText(pair.cert, world.files);
  const key = readText(pair.key, world.files);
  const trouble = cert.trouble ?? key.trouble;
  if (trouble !== undefined) {
    const advice = "look at sip.tls, and at who may read the file";
    return { name, level: "fail", finding: trouble, advice };
  }
  const found = inspectCertificate(cert.text, key.text);
  if (found.kind === "bad") {
    const finding = `${found.half === "cert" ? pair.cert : pair.key} ${found.reason}`;
    const advice = "put the chain, own certificate first, and its key into the files of sip.tls";
    return { name, level: "fail", finding, advice };
  }
  return { name, ...(periodTrouble(found.facts, world) ?? nameTrouble(pair, found.facts)) };
}

type Finding = Pick<Check, "level" | "finding" | "advice">;

/** The certificate's time, if that is not as it should be. */
function periodTrouble(facts: CertificateFacts, { nowMs }: CertificateWorld): Finding | undefined {
  const { notBeforeMs, notAfterMs } = facts;
  const daysLeft = Math.floor((notAfterMs - nowMs) / DAY_MS);
  const renew = "renew it, and send SIGHUP to the gateway";
  if (notAfterMs <= nowMs) {
    return { level: "fail", finding: `expired on ${dateText(notAfterMs)}`, advice: renew };
  }
  if (notBeforeMs > nowMs) {
    const finding = `is not valid before ${dateText(notBeforeMs)}`;
    return { level: "fail", finding, advice: "look at the clock of this machine" };
  }
  return daysLeft < WARNING_DAYS
    ? { level: "warn", finding: `expires on ${dateText(notAfterMs)}`, advice: renew }
    : undefined;
}

function nameTrouble({ name }: Pair, { names, notAfterMs }: CertificateFacts): Finding {
  const finding = `${names.join(", ")}, until ${dateText(notAfterMs)}`;
  if (names.length === 0) {
    const advice = "have it issued with the names that peers call, as subject alternative names";
    return { level: "warn", finding: "names no host: peers will refuse it", advice };
  }
  const isForeign =
    name !== undefined && !names.some((one) => one === name || coversName(one, name));
  return isForeign
    ? { level: "warn", finding, advice: `peers that ask for ${name} will refuse it` }
    : { level: "ok", finding };
}

function authoritiesCheck(file: string, { files }: CertificateWorld): Check {
  const name = "tls authorities";
  const { text, trouble } = readText(file, files);
  const finding = trouble ?? (isCertificate(text) ? undefined : `${file} holds no certificate`);
  return finding === undefined
    ? { name, level: "ok", finding: file }
    : { name, level: "fail", finding, advice: "look at sip.tls.ca" };
}

function readText(
  file: string,
  files: TextFiles,
): { readonly text: string; readonly trouble?: string } {
  try {
    return { text: files.read(file) };
  } catch (error) {
    return { text: "", trouble: `${file} ${readFailureText(error)}` };
  }
}

function dateText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
