// Names that a parameter cannot have, since it becomes an argument of a Nix function: words of Nix, and what it calls.

const words = "assert else if in inherit let or rec then with";
const called = "builtins false import imgc null pkgs throw toString true";

export const reservedNames: ReadonlySet<string> = new Set(`${words} ${called}`.split(" "));
