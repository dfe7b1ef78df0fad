/** Phone numbers as peers write them, brought into the one form that routes, records and policies compare: E.164. */
import { type Country, countryOf, countryOfNumber } from "./countries.ts";

/** Why a number stays as it was written. */
export type NumberReason =
  /** Letters, an empty text, a name. */
  | "notANumber"
  /** Too few digits for a number of the public network: an extension, an emergency number. */
  | "short"
  /** More digits than E.164 "Number structure" allows. */
  | "long"
  /** No plus, and nobody said of which country it is. */
  | "noCountry"
  /** Neither the national nor the international prefix of the country. */
  | "noPrefix";

/** A number in E.164 with its plus, or the text as it was and why. */
export type ReadNumber =
  | { readonly kind: "e164"; readonly number: string }
  | { readonly kind: "asWritten"; readonly text: string; readonly reason: NumberReason };

const MIN_DIGITS = 7;
const MAX_DIGITS = 15;
/** Where no prefix tells a national number from an extension. */
const MIN_BARE_DIGITS = 6;
/** A number that begins with its own country's calling code is taken for international from here on. */
const MIN_PLUSLESS_DIGITS = 11;
const NANP_DIGITS = 10;

const SEPARATORS = /[\s().\-/\u00a0]/g;
const SCHEME = /^<?\s*(?:sips?|tel):/i;
const CONTEXT = /;phone-context=(\+[\d().-]+)/i;

/**
 * Reads a number, a `tel:` or `sip:` URI, or its user part with parameters such as `;phone-context=+49`.
 *
 * @param country ISO 3166 code of the country whose national form is understood; `undefined`: international numbers only.
 */
export function readNumber(written: string, country?: string | undefined): ReadNumber {
  const { text, context } = userPart(written);
  const plain = text.replaceAll(SEPARATORS, "");
  const asWritten = (reason: NumberReason): ReadNumber => ({ kind: "asWritten", text, reason });
  if (!/^\+?\d+$/.test(plain)) {
    return asWritten("notANumber");
  }
  const digits = plain.startsWith("+")
    ? plain.slice(1)
    : inContext(plain, context, country === undefined ? undefined : countryOf(country));
  if (digits === "short" || digits === "noCountry" || digits === "noPrefix") {
    return asWritten(digits);
  }
  if (digits.length < MIN_DIGITS || digits.startsWith("0")) {
    return asWritten(digits.startsWith("0") ? "notANumber" : "short");
  }
  return digits.length > MAX_DIGITS ? asWritten("long") : { kind: "e164", number: `+${digits}` };
}

function userPart(written: string): {
  readonly text: string;
  readonly context: string | undefined;
} {
  const bare = written.trim().replace(SCHEME, "").split(/[@>?]/)[0] ?? "";
  const context = CONTEXT.exec(decoded(bare))?.[1]?.replaceAll(SEPARATORS, "");
  return { text: decoded(bare.split(";")[0] ?? "").trim(), context };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Digits of the international number without its plus. */
function inContext(
  digits: string,
  context: string | undefined,
  country: Country | undefined,
): string | "short" | "noCountry" | "noPrefix" {
  if (context !== undefined) {
    return inPhoneContext(digits, context.slice(1));
  }
  if (country === undefined) {
    return "noCountry";
  }
  const { callingCode, nationalPrefix, internationalPrefix } = country;
  if (callingCode === "1") {
    return inNorthAmerica(digits, internationalPrefix);
  }
  if (digits.startsWith(internationalPrefix) && digits.length >= MIN_DIGITS) {
    return digits.slice(internationalPrefix.length);
  }
  if (digits.length >= MIN_PLUSLESS_DIGITS && digits.startsWith(callingCode)) {
    return digits;
  }
  if (nationalPrefix === "") {
    return digits.length < MIN_BARE_DIGITS ? "short" : `${callingCode}${digits}`;
  }
  return digits.startsWith(nationalPrefix)
    ? `${callingCode}${digits.slice(nationalPrefix.length)}`
    : digits.length < MIN_BARE_DIGITS
      ? "short"
      : "noPrefix";
}

/** RFC 3966 "Local Numbers": context and number make the global number; the prefix dialled within a country is no part of it. */
function inPhoneContext(digits: string, context: string): string {
  const country = countryOf(countryOfNumber(context)?.code ?? "");
  const prefix = country?.callingCode === context ? country.nationalPrefix : "";
  return `${context}${digits.startsWith(prefix) ? digits.slice(prefix.length) : digits}`;
}

/** Ten digits, with or without the 1 before them. */
function inNorthAmerica(
  digits: string,
  internationalPrefix: string,
): string | "short" | "noPrefix" {
  if (digits.length === NANP_DIGITS && /^[2-9]/.test(digits)) {
    return `1${digits}`;
  }
  if (digits.length === NANP_DIGITS + 1 && digits.startsWith("1")) {
    return digits;
  }
  if (digits.startsWith(internationalPrefix)) {
    return digits.slice(internationalPrefix.length);
  }
  return digits.length < MIN_BARE_DIGITS ? "short" : "noPrefix";
}
