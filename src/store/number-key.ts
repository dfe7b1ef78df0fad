/** What of a phone number is compared: its digits, however they are written. */

const WRITTEN_NUMBER = /^[\d\s().+/-]*\d[\d\s().+/-]*$/;

/** `+1 (555) 010-0199` and `15550100199` give the same key; a name such as `agent` is its own, in lower case. */
export function numberKey(text: string): string {
  return WRITTEN_NUMBER.test(text) ? text.replace(/\D/g, "") : text.trim().toLowerCase();
}
