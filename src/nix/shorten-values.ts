/**
 * Shortens values in Nix's messages. Since Nix 2.20, messages contain whole sets, and functions with the place of their
 * code.
 */

/** Longer sets are shortened. In characters. */
const MOST = 60;
/** A value that Nix does not write out, such as `«lambda f @ «stdin»:1:2»`, with its first word. */
const OPAQUE = /«(\w+)(?:[^«»]|«[^«»]*»)*»/g;
/** The beginning of a set in a message. */
const SET = /\{ (?:[A-Za-z_][\w'-]*|"[^"]*") = /g;
const PART = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/gs;

export function shortenValues(message: string): string {
  const text = message.replace(OPAQUE, "«$1»");
  SET.lastIndex = 0;
  let short = "";
  let at = 0;
  for (let found = SET.exec(text); found !== null; found = SET.exec(text)) {
    const end = endOfSet(text, found.index);
    short += text.slice(at, found.index);
    short += end - found.index > MOST ? "{ … }" : text.slice(found.index, end);
    at = SET.lastIndex = end;
  }
  return short + text.slice(at);
}

/** The end of the set that begins at `start`, or the end of the text if the set is incomplete. */
function endOfSet(text: string, start: number): number {
  let depth = 0;
  PART.lastIndex = start;
  for (let found = PART.exec(text); found !== null; found = PART.exec(text)) {
    if (found[0] === "{") depth++;
    if (found[0] === "}" && --depth === 0) return PART.lastIndex;
  }
  return text.length;
}
