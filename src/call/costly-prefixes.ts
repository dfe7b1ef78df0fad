/** Numbers that cost the caller far more than a call to their country: premium rate, shared cost, satellite. */

/** Why a prefix is on the list. */
export type CostlyKind = "premium" | "satellite";

/** Global services of ITU-T E.164 without a country: satellite systems, ships, networks that settle at any price. */
const SATELLITE = "870 878 881 882 883 888 991";

/** International premium and shared cost, then national ranges by country, as the regulators publish them. */
const PREMIUM = `
808 979
1900
30901 30909
31900 31906 31909
32900 32901 32902 32903 32904 32905 32906 32907 32909
3381 3382 3389
34803 34806 34807 34905 34907
351607 351608 351646 351760 351761
3531512 3531513 3531514 3531515 3531516 3531517 3531518 3531520 353155 353156 353157 353158 353159
354900 354901 354902 354903 354904 354905 354906 354907 354908 354909
358600 358700
3690 3691
370900
371900
372900
38190
38560
38690
39144 39163 39164 39166 39178 39199 39892 39894 39895 39899
4090
41900 41901 41906
420900 420906 420909
421900
43810 43820 43821 43900 43901 43930 43931 43939
44871 44872 44873 449 4470
4590
46900 46939 46944
47820 47829
48700 48701 48703 48704 48706 48707 48708
49137 49180 49900
55900 55300
52900
54600
56600 56700
6119
64900
651900
661900
7809 7803
81570 81990
8260
886203 886204 886209
90888 90900
9721900 9721919
2790`;

function prefixesOf(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}

/** Digits without the plus, and their kind. */
export const COSTLY_PREFIXES: readonly (readonly [prefix: string, kind: CostlyKind])[] = [
  ...prefixesOf(SATELLITE).map((prefix) => [prefix, "satellite"] as const),
  ...prefixesOf(PREMIUM).map((prefix) => [prefix, "premium"] as const),
];
