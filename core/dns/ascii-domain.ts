/**
 * A domain as DNS has it: names in other scripts are written with `xn--` (RFC 5890 §2.3.2.1). A name in ASCII stays as it is, and
 * so does what can't be a name.
 */
export function asciiDomain(text: string): string {
  const isName = /^[^\s/:?#@[\]\\]+$/.test(text) && /\P{ASCII}/u.test(text);
  return isName && URL.canParse(`http://${text}`) ? new URL(`http://${text}`).hostname : text;
}
