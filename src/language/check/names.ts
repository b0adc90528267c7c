/** Names that a parameter cannot have, because it becomes an argument of a Nix function. */

const KEYWORDS = "assert else if in inherit let or rec then with";
/** Names that the generated expression uses. */
const USED = "builtins false import imgc null pkgs throw toString true";

export const reservedNames: ReadonlySet<string> = new Set(`${KEYWORDS} ${USED}`.split(" "));
