/** Patterns of routes: exact text, a prefix with `*` at its end, or a regular expression that cannot run away. */

/** Whether a value fits. */
export type Matcher = (value: string) => boolean;

/** Longer values never fit a regular expression, so that its work is bounded. */
const MAX_VALUE_CHARACTERS = 256;
const MAX_REPEATS = 3;
const EXPRESSION = /^\/(.*)\/(i?)$/s;
const TOKEN =
  /\\[1-9k]|\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|\(\?|\(|\)|\||[*+]\??|\{\d+(?:,\d*)?\}\??|\?|./gs;

interface Group {
  readonly opened: boolean;
  /** Holds a repeat or a choice, so that repeating it again multiplies the ways to match. */
  branching: boolean;
}

/** What is wrong with a pattern, in words that complete "expected …"; `undefined` when it can be used. */
export function patternProblem(pattern: string): string | undefined {
  const source = EXPRESSION.exec(pattern)?.[1];
  if (source === undefined) {
    return undefined;
  }
  try {
    new RegExp(source);
  } catch {
    return "a regular expression between the slashes that JavaScript understands";
  }
  return runawayProblem(source);
}

/** Compiles a pattern for which {@link patternProblem} found nothing. */
export function compilePattern(pattern: string): Matcher {
  const expression = EXPRESSION.exec(pattern);
  if (expression !== null) {
    const compiled = new RegExp(expression[1] as string, expression[2]);
    return (value) => value.length <= MAX_VALUE_CHARACTERS && compiled.test(value);
  }
  if (pattern.endsWith("*")) {
    const prefix = pattern.slice(0, -1);
    return (value) => value.startsWith(prefix);
  }
  return (value) => value === pattern;
}

/** Refuses what makes a backtracking engine slow: references, look-around, repeats of repeats, many repeats. */
function runawayProblem(source: string): string | undefined {
  const groups: Group[] = [{ opened: false, branching: false }];
  let closed: Group | undefined;
  let repeats = 0;
  for (const [token] of source.matchAll(TOKEN)) {
    const group = groups.at(-1) as Group;
    if (/^\\[1-9k]$/.test(token)) {
      return "a regular expression without back references";
    }
    if (token === "(?") {
      return "a regular expression without look-around and named groups";
    }
    if (/^(?:[*+]|\{)/.test(token)) {
      repeats += 1;
      if (closed?.branching === true) {
        return "a regular expression that repeats no group with a repeat or a choice in it";
      }
    }
    if (/^(?:[*+|]|\{)/.test(token)) {
      group.branching = true;
    }
    closed = step(groups, token);
  }
  return repeats > MAX_REPEATS
    ? `a regular expression with at most ${MAX_REPEATS} repeats`
    : undefined;
}

/** Opens and closes groups; the group that `token` closed, if any. */
function step(groups: Group[], token: string): Group | undefined {
  if (token === "(" || token === "(?:") {
    groups.push({ opened: true, branching: false });
    return undefined;
  }
  if (token !== ")") {
    return undefined;
  }
  const closed = groups.at(-1)?.opened === true ? groups.pop() : undefined;
  const outer = groups.at(-1);
  if (closed?.branching === true && outer !== undefined) {
    outer.branching = true;
  }
  return closed;
}
