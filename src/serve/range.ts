/** The Range header (RFC 9110, section 14.2). A header with several ranges is ignored, as the RFC allows. */

export interface Range {
  /** The first byte, and the byte after the last. */
  start: number;
  end: number;
}

/** "none": send the whole blob; "unsatisfiable": the range lies outside the blob. */
export function parseRange(header: string | undefined, size: number): Range | "none" | "unsatisfiable" {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
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
