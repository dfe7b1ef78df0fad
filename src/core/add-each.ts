/** Sums of counts that go together. */

/** Both have the same members, all of them numbers. */
export function addEach<Counts extends { readonly [Name in keyof Counts]: number }>(
  a: Counts,
  b: Counts,
): Counts {
  const sum: Record<string, number> = {};
  for (const [name, count] of Object.entries<number>(a)) {
    sum[name] = count + b[name as keyof Counts];
  }
  return sum as Counts;
}
