/** What the doctor says of each trunk: whether its name is known, whether it answers, whether it would register us. */
import type { Config } from "../app/config.ts";
import type { CallScripts } from "../app/load-flows.ts";
import type { ProbeAnswer, TrunkFindings } from "../app/trunk-probe.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

/** One trunk after the other; those that only call us are left out. */
export async function trunkChecks(
  { sip }: Config,
  { trunks }: CallScripts,
  machine: Machine,
): Promise<readonly Check[]> {
  const tls = { caFile: sip.tls?.ca, verify: sip.tls?.verify ?? true };
  const checks: Check[] = [];
  for (const trunk of trunks.trunks) {
    const findings = await machine.askTrunk(trunk, tls);
    if (findings !== undefined) {
      checks.push(...checksOf(trunk.name, findings));
    }
  }
  return checks;
}

function checksOf(trunk: string, findings: TrunkFindings): readonly Check[] {
  const name = `trunk ${trunk}`;
  const { host, addresses, options, registration } = findings;
  if (addresses.length === 0) {
    const finding = `the name ${host} is not known`;
    const advice = `look at host of trunk ${trunk}, and at the DNS of this machine`;
    return [{ name, level: "fail", finding, advice }];
  }
  const where = addresses.includes(host) ? host : `${host} is ${addresses.join(", ")}`;
  return [
    ...(options === undefined ? [] : [optionsCheck(name, where, options)]),
    ...(registration === undefined ? [] : [registrationCheck(name, registration)]),
  ];
}

function optionsCheck(name: string, where: string, answer: ProbeAnswer): Check {
  const advice =
    "look at host, port and transport of the trunk, at firewalls, and whether the peer knows this address";
  if (answer === "silence" || answer === "notSent" || answer === 408) {
    const finding =
      answer === "notSent" ? `${where}; OPTIONS cannot be sent` : `${where}; no answer to OPTIONS`;
    return { name, level: "fail", finding, advice };
  }
  return answer === 503
    ? { name, level: "fail", finding: `${where}; answers OPTIONS with 503`, advice }
    : { name, level: "ok", finding: `${where}; answers OPTIONS with ${answer}` };
}

function registrationCheck(name: string, answer: ProbeAnswer): Check {
  const check = { name: `${name} registration` };
  if (typeof answer !== "number" || answer === 408) {
    const finding = "no answer to REGISTER";
    const advice = "look at register.registrar, port and transport of the trunk, and at firewalls";
    return { ...check, level: "fail", finding, advice };
  }
  if (answer < 300) {
    return { ...check, level: "ok", finding: "the registrar takes our user name and password" };
  }
  const finding = `the registrar answers REGISTER with ${answer}`;
  const isRefused = answer === 401 || answer === 407 || answer === 403;
  const advice = isRefused
    ? "look at digest.outbound of the trunk: user name or password are refused"
    : "look at register.user and register.registrar of the trunk";
  return { ...check, level: "fail", finding, advice };
}
