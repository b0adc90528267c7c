/** The Range header (RFC 9110, section 14.2). A header that this server does not support is ignored, as the RFC allows. */

export interface Range {
  /** The first byte, and the byte after the last. */
  start: number;
  end: number;
}

/** Limit of ranges in a request: containers/storage asks for at most this many chunks at once. */
const MAX_RANGES = 1024;

/**
 * The ranges in ascending order. "none": send the whole blob; "unsatisfiable": all ranges lie outside the blob. Several ranges
 * are supported if each starts after the one before it, so that they can be sent in one pass.
 */
export function parseRanges(header: string | undefined, size: number): Range[] | "none" | "unsatisfiable" {
  const [, list = ""] = /^bytes=([\d, -]+)$/.exec(header ?? "") ?? [];
  const parsed = list.split(",", MAX_RANGES + 1).map((text) => parseRange(text.trim(), size));
  if (parsed.length > MAX_RANGES || parsed.includes("none")) return "none";
  const ranges = parsed.filter((range): range is Range => typeof range !== "string");
  if (ranges.length === 0) return "unsatisfiable";
  return ranges.every(({ start }, i) => i === 0 || start >= (ranges[i - 1] as Range).end) ? ranges : "none";
}

function parseRange(text: string, size: number): Range | "none" | "unsatisfiable" {
  const [, first = "", last = ""] = /^(\d{0,15})-(\d{0,15})$/.exec(text) ?? [];
  if (first === "" && last === "") return "none";
  if (first === "") {
    const suffix = Number(last);
    // An empty blob has no satisfiable suffix range; send it whole.
    if (size === 0 && suffix > 0) return "none";
    return suffix === 0 ? "unsatisfiable" : { start: Math.max(0, size - suffix), end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return "none";
  return start >= size ? "unsatisfiable" : { start, end };
}
