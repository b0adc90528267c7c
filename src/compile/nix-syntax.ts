/** A syntax tree of the part of Nix that imgc emits. Text of a spec becomes a `string`, never code. */

export type Nix =
  | { kind: "string"; parts: (string | Nix)[] }
  | { kind: "integer"; value: number }
  | { kind: "name"; name: "true" | "false" | "null" | (string & {}) }
  /** An absolute path. */
  | { kind: "path"; path: string }
  /** A path relative to the folder of the generated file; "" is that folder. */
  | { kind: "relative"; path: string }
  /** `<name>`, looked up on NIX_PATH. */
  | { kind: "lookup"; name: string }
  | { kind: "list"; items: Nix[] }
  | AttributeSet
  | { kind: "inherit"; name: string }
  | Select
  | { kind: "call"; function: Nix; argument: Nix }
  /** `argument: body` */
  | { kind: "lambda"; argument: string; body: Nix }
  | { kind: "if"; condition: Nix; yes: Nix; no: Nix }
  /** `left // right` */
  | { kind: "update"; left: Nix; right: Nix }
  | { kind: "let"; bindings: Binding[]; body: Nix }
  | NixFunction
  /** The user's code: pieces of text and the paths between them, with the attributes of `scope` in scope. */
  | { kind: "code"; pieces: (string | Nix)[]; scope?: string };

/** `{ a, b ? default }: body` */
export interface NixFunction {
  kind: "function";
  parameters: { name: string; default?: Nix }[];
  body: Nix;
}

interface Select {
  kind: "select";
  from: Nix;
  path: string[];
  /** The value after `or`. */
  default?: Nix;
}

export interface AttributeSet {
  kind: "set";
  bindings: Binding[];
}

export interface Binding {
  /** An attribute path: `a.b` is ["a", "b"]. */
  path: string[];
  value: Nix;
}

export const string = (...parts: (string | Nix)[]): Nix => ({ kind: "string", parts });
export const name = (text: string): Nix => ({ kind: "name", name: text });
export const list = (items: Nix[]): Nix => ({ kind: "list", items });
export const select = (from: Nix, ...path: string[]): Select => ({ kind: "select", from, path });
export const call = (callee: Nix, argument: Nix): Nix => ({ kind: "call", function: callee, argument });
export const integer = (value: number): Nix => ({ kind: "integer", value });
export const bind = (key: string, value: Nix): Binding => ({ path: [key], value });

/** An attribute set of the bindings that have a value. */
export function set(bindings: Record<string, Nix | undefined>): AttributeSet {
  return {
    kind: "set",
    bindings: Object.entries(bindings).flatMap(([key, value]) => (value === undefined ? [] : [bind(key, value)])),
  };
}
