/** How a layer takes away what lies below: empty files with names that runtimes understand (image-spec, layer.md). */

/** Before the name of what goes. */
export const WHITEOUT = ".wh.";
/** In a folder whose content goes. */
export const OPAQUE = ".wh..wh..opq";

/** Whether the last part of a path is such a name. */
export function isWhiteout(path: string): boolean {
  return path.startsWith(WHITEOUT, path.lastIndexOf("/") + 1);
}
