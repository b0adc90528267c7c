/** Percent-encodes a text as UTF-8 (RFC 3986). A lone surrogate, for which `encodeURIComponent` throws, becomes U+FFFD. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
