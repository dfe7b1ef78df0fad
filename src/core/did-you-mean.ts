/** Finds what somebody most likely meant to type. */

/** Cost of a suggestion that is no help any more, in edits for each character typed. */
const MAX_EDIT_SHARE = 0.4;

/** The known name nearest to `typed`, letter case ignored; `undefined` when none is near. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length * MAX_EDIT_SHARE));
  let nearest: string | undefined;
  let nearestEdits = limit + 1;
  for (const name of known) {
    const edits = editsBetween(typed.toLowerCase(), name.toLowerCase());
    if (edits < nearestEdits) {
      nearest = name;
      nearestEdits = edits;
    }
  }
  return nearest;
}

/** The words `; did you mean "x"?`, or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const name = nearestName(typed, known);
  return name === undefined ? "" : `; did you mean "${name}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function editsBetween(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
