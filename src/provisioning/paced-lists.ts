/** Lists that come page by page, and things that may not be there. */
import { isMissing } from "./paced-calls.ts";

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

/** However many pages a service says it has. */
const MAX_PAGES = 1000;

/** Everything, or at least `enough`; `read` gets the token of the page that it is to read. */
export async function allPages<T>(
  read: (token: { NextToken?: string }) => Promise<Page<T>>,
  enough = Number.POSITIVE_INFINITY,
): Promise<readonly T[]> {
  const all: T[] = [];
  let token: { NextToken?: string } = {};
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next } = await read(token);
    all.push(...(items ?? []));
    if (next === undefined || next === "" || all.length >= enough) {
      break;
    }
    token = { NextToken: next };
  }
  return all;
}

/** `undefined` for what is not found. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}
