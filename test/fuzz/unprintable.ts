/** Terminal controls, bidirectional controls and invisible characters. */
export const UNPRINTABLE = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
