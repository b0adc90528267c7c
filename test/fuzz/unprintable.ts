/** What a terminal obeys, what turns text around, and what nobody sees. */
export const UNPRINTABLE = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
