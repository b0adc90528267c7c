// Names that a parameter cannot have, since it becomes an argument of a Nix function: words of Nix, and what it calls.

export const reservedNames: ReadonlySet<string> = new Set([
  ...["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"],
  ...["builtins", "false", "import", "imgc", "null", "pkgs", "throw", "toString", "true"],
]);
