/** Where calls of ours may go: nowhere by default, to what a trunk allows, to premium and satellite numbers only by name. */

import { COSTLY_PREFIXES, type CostlyKind } from "./costly-prefixes.ts";
import { countryOfNumber } from "./countries.ts";

/** What a trunk says of destinations: countries (`DE`) and prefixes (`+4930`). */
export interface DestinationRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Why a destination is allowed or denied. */
export type DestinationReason =
  | "allowed"
  | "deniedByTrunk"
  | "premium"
  | "satellite"
  | "notListed"
  | "notANumber";

/** The answer, with the rule that gave it: a country or a prefix, never the number. */
export interface DestinationDecision {
  readonly allowed: boolean;
  readonly reason: DestinationReason;
  readonly rule: string | undefined;
}

interface Match {
  readonly reason: DestinationReason;
  readonly rule: string;
  /** Digits of the number that the rule covers. */
  readonly weight: number;
}

const REASON_OF: Readonly<Record<CostlyKind, DestinationReason>> = {
  premium: "premium",
  satellite: "satellite",
};

/**
 * The rule that covers most digits of the number decides; of two that cover the same, a rule of the trunk goes before a
 * built-in one, and `deny` before `allow`. A country covers the digits by which it is known.
 *
 * @param number in E.164 with its plus; anything else is denied.
 */
export function decideDestination(number: string, rules: DestinationRules): DestinationDecision {
  if (!/^\+[1-9]\d{6,14}$/.test(number)) {
    return { allowed: false, reason: "notANumber", rule: undefined };
  }
  const digits = number.slice(1);
  const country = countryOfNumber(digits);
  const matching = (entries: readonly string[], reason: DestinationReason): readonly Match[] =>
    entries.flatMap((rule) => {
      const weight = weightOf(rule, digits, country);
      return weight === 0 ? [] : [{ reason, rule, weight }];
    });
  const costly = COSTLY_PREFIXES.filter(([prefix]) => digits.startsWith(prefix)).map(
    ([prefix, kind]) => ({ reason: REASON_OF[kind], rule: `+${prefix}`, weight: prefix.length }),
  );
  const inOrder = [
    ...matching(rules.deny, "deniedByTrunk"),
    ...matching(rules.allow, "allowed"),
    ...costly,
  ];
  const winner = inOrder.reduce<Match | undefined>(
    (best, match) => (best === undefined || match.weight > best.weight ? match : best),
    undefined,
  );
  return winner === undefined
    ? { allowed: false, reason: "notListed", rule: undefined }
    : { allowed: winner.reason === "allowed", reason: winner.reason, rule: winner.rule };
}

/** 0: the rule does not cover the number. */
function weightOf(
  rule: string,
  digits: string,
  country: { readonly code: string; readonly prefix: string } | undefined,
): number {
  if (rule.startsWith("+")) {
    return digits.startsWith(rule.slice(1)) ? rule.length - 1 : 0;
  }
  return country?.code === rule ? country.prefix.length : 0;
}
