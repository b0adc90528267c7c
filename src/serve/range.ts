/** The Range header (RFC 9110, 14.2). Only one range is answered; of several, none, which the RFC allows. */

export interface Range {
  /** First byte, and the one behind the last. */
  start: number;
  end: number;
}

/** "none": there is no range to keep to; "unsatisfiable": it lies outside. */
export function parseRange(header: string | undefined, size: number): Range | "none" | "unsatisfiable" {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return "none";
  if (first === "") {
    const suffix = Number(last);
    // The last bytes of nothing are all of it, which no Content-Range can say.
    if (size === 0 && suffix > 0) return "none";
    return suffix === 0 ? "unsatisfiable" : { start: Math.max(0, size - suffix), end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return "none";
  return start >= size ? "unsatisfiable" : { start, end };
}
