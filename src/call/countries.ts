/** Countries as telephony sees them: calling code, how numbers are dialled within, and which prefixes are theirs. */

/** One country. */
export interface Country {
  /** ISO 3166-1 alpha-2; XK and AC are in use though not assigned. */
  readonly code: string;
  readonly callingCode: string;
  /** Dialled before national numbers; empty where there is none. */
  readonly nationalPrefix: string;
  /** Dialled before international numbers. */
  readonly internationalPrefix: string;
  /** Digits, calling code first, that its numbers begin with; others may have longer ones that begin with them. */
  readonly prefixes: readonly string[];
}

/** ISO code, calling code, national prefix (- for none), international prefix (00 when absent): ITU-T E.164 and operational bulletins. */
const ONE_CODE = `
AC 247 -|AD 376 -|AE 971 0|AF 93 0|AL 355 0|AM 374 0|AO 244 -|AR 54 0|AT 43 0|AU 61 0 0011|AW 297 -|AZ 994 0|BA 387 0
BD 880 0|BE 32 0|BF 226 -|BG 359 0|BH 973 -|BI 257 -|BJ 229 -|BN 673 -|BO 591 0|BR 55 0|BT 975 -|BW 267 -|BY 375 8 810
BZ 501 -|CD 243 0|CF 236 -|CG 242 -|CH 41 0|CI 225 -|CK 682 -|CL 56 -|CM 237 -|CN 86 0|CO 57 -|CR 506 -|CU 53 0 119
CV 238 -|CY 357 -|CZ 420 -|DE 49 0|DJ 253 -|DK 45 -|DZ 213 0|EC 593 0|EE 372 -|EG 20 0|ER 291 0|ES 34 -|ET 251 0
FI 358 0|FJ 679 -|FK 500 -|FM 691 - 011|FO 298 -|FR 33 0|GA 241 -|GB 44 0|GE 995 0|GF 594 0|GH 233 0|GI 350 -|GL 299 -
GM 220 -|GN 224 -|GP 590 0|GQ 240 -|GR 30 -|GT 502 -|GW 245 -|GY 592 - 001|HK 852 - 001|HN 504 -|HR 385 0|HT 509 -
HU 36 06|ID 62 0 001|IE 353 0|IL 972 0|IN 91 0|IO 246 -|IQ 964 0|IR 98 0|IS 354 -|IT 39 -|JO 962 0|JP 81 0 010
KE 254 0 000|KG 996 0|KH 855 0 001|KI 686 -|KM 269 -|KP 850 -|KR 82 0 001|KW 965 -|LA 856 0|LB 961 0|LI 423 -|LK 94 0
LR 231 0|LS 266 -|LT 370 0|LU 352 -|LV 371 -|LY 218 0|MA 212 0|MC 377 -|MD 373 0|ME 382 0|MG 261 0|MH 692 - 011|MK 389 0
ML 223 -|MM 95 0|MN 976 0 001|MO 853 -|MQ 596 0|MR 222 -|MT 356 -|MU 230 -|MV 960 -|MW 265 0|MX 52 -|MY 60 0|MZ 258 -
NA 264 0|NC 687 -|NE 227 -|NF 672 -|NG 234 0 009|NI 505 -|NL 31 0|NO 47 -|NP 977 0|NR 674 -|NU 683 -|NZ 64 0|OM 968 -
PA 507 -|PE 51 0|PF 689 -|PG 675 -|PH 63 0|PK 92 0|PL 48 -|PM 508 0|PS 970 0|PT 351 -|PW 680 - 011|PY 595 0|QA 974 -
RE 262 0|RO 40 0|RS 381 0|RU 7 8 810|RW 250 0|SA 966 0|SB 677 -|SC 248 -|SD 249 0|SE 46 0|SG 65 - 000|SH 290 -|SI 386 0
SK 421 0|SL 232 0|SM 378 -|SN 221 -|SO 252 0|SR 597 -|SS 211 0|ST 239 -|SV 503 -|SY 963 0|SZ 268 -|TD 235 -|TG 228 -
TH 66 0 001|TJ 992 - 810|TK 690 -|TL 670 -|TM 993 8 810|TN 216 -|TO 676 -|TR 90 0|TV 688 -|TW 886 0 002|TZ 255 0 000
UA 380 0|UG 256 0 000|US 1 1 011|UY 598 0|UZ 998 -|VE 58 0|VN 84 0|VU 678 -|WF 681 -|WS 685 - 0|XK 383 0|YE 967 0
ZA 27 0|ZM 260 0|ZW 263 0`;

/** Countries that share a calling code with another one: ISO code, whose dialling they share, their own area codes. */
const SHARED_CODE = `
AG US 268|AI US 264|AS US 684|BB US 246|BM US 441|BS US 242|DM US 767|DO US 809,829,849|GD US 473|GU US 671|JM US 658,876
KN US 869|KY US 345|LC US 758|MP US 670|MS US 664|PR US 787,939|SX US 721|TC US 649|TT US 868|VC US 784|VG US 284|VI US 340
CA US 204,226,236,249,250,257,263,289,306,343,354,365,367,368,382,387,403,416,418,428,431,437,438,450,460,468,474,506,514,519,537,548,568,579,581,584,587,600,604,613,622,633,639,644,647,655,672,677,683,688,705,709,742,753,778,780,782,807,819,825,867,873,879,902,905,942
AX FI 18|CC AU 89162|CX AU 89164|EH MA 5288,5289|GG GB 1481,7781,7839,7911|IM GB 1624,7424,7524,7624,7924|JE GB 1534,7509,7700,7797,7829,7937
KZ RU 6,7|SJ NO 79|VA IT 06698|YT RE 269,639|BQ +599 3,4,7|CW +599 9`;

const OTHER_PLANS: Readonly<Record<string, Omit<Country, "code" | "prefixes">>> = {
  "+599": { callingCode: "599", nationalPrefix: "", internationalPrefix: "00" },
};

const LONGEST_PREFIX = 8;

const COUNTRIES = new Map<string, Country>();
const BY_PREFIX = new Map<string, string>();

function add(country: Country): void {
  COUNTRIES.set(country.code, country);
  for (const prefix of country.prefixes) {
    BY_PREFIX.set(prefix, country.code);
  }
}

function cells(table: string): string[][] {
  return table
    .trim()
    .split(/[\n|]/)
    .map((row) => row.split(" "));
}

for (const [code = "", callingCode = "", national = "", international = "00"] of cells(ONE_CODE)) {
  const nationalPrefix = national === "-" ? "" : national;
  const prefixes = [callingCode];
  add({ code, callingCode, nationalPrefix, internationalPrefix: international, prefixes });
}
for (const [code = "", plan = "", areas = ""] of cells(SHARED_CODE)) {
  const shared = COUNTRIES.get(plan) ?? OTHER_PLANS[plan];
  if (shared !== undefined) {
    const prefixes = areas.split(",").map((area) => `${shared.callingCode}${area}`);
    add({ ...shared, code, prefixes });
  }
}

/** The country of an ISO code; `undefined` for one that has no row. */
export function countryOf(code: string): Country | undefined {
  return COUNTRIES.get(code);
}

/** Every ISO code of the table. */
export function countryCodes(): readonly string[] {
  return [...COUNTRIES.keys()];
}

/** The country that a number belongs to, and the prefix that says so; `digits` without the plus. */
export function countryOfNumber(
  digits: string,
): { readonly code: string; readonly prefix: string } | undefined {
  for (let length = LONGEST_PREFIX; length > 0; length -= 1) {
    const prefix = digits.slice(0, length);
    const code = BY_PREFIX.get(prefix);
    if (code !== undefined) {
      return { code, prefix };
    }
  }
  return undefined;
}
