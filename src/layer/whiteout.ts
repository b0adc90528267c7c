/** Whiteouts (image-spec, layer.md): empty files whose names hide paths of the layers below. */

/** The prefix of the hidden name. */
export const WHITEOUT = ".wh.";
/** Hides all children that the folder has in the layers below. */
export const OPAQUE = ".wh..wh..opq";

/** Whether a path's last part is a whiteout's name. */
export function isWhiteout(path: string): boolean {
  return path.startsWith(WHITEOUT, path.lastIndexOf("/") + 1);
}
