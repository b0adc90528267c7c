/** Replaces the absolute paths of an expression, for example by paths relative to a new folder. */
import type { Binding, Nix } from "./nix-syntax.ts";

export function relocate(tree: Nix, move: (path: string) => Nix): Nix {
  const inside = (part: Nix): Nix => relocate(part, move);
  const bindings = (all: Binding[]): Binding[] => all.map((each) => ({ ...each, value: inside(each.value) }));
  switch (tree.kind) {
    case "path":
      return move(tree.path);
    case "string":
      return { ...tree, parts: tree.parts.map((part) => (typeof part === "string" ? part : inside(part))) };
    case "code":
      return { ...tree, pieces: tree.pieces.map((piece) => (typeof piece === "string" ? piece : inside(piece))) };
    case "list":
      return { ...tree, items: tree.items.map(inside) };
    case "set":
      return { ...tree, bindings: bindings(tree.bindings) };
    case "let":
      return { ...tree, bindings: bindings(tree.bindings), body: inside(tree.body) };
    case "select":
      return { ...tree, from: inside(tree.from), ...(tree.default && { default: inside(tree.default) }) };
    case "call":
      return { ...tree, function: inside(tree.function), argument: inside(tree.argument) };
    case "lambda":
      return { ...tree, body: inside(tree.body) };
    case "if":
      return { ...tree, condition: inside(tree.condition), yes: inside(tree.yes), no: inside(tree.no) };
    case "update":
      return { ...tree, left: inside(tree.left), right: inside(tree.right) };
    case "function":
      return {
        ...tree,
        parameters: tree.parameters.map((each) => ({
          ...each,
          ...(each.default && { default: inside(each.default) }),
        })),
        body: inside(tree.body),
      };
    case "integer":
    case "name":
    case "relative":
    case "lookup":
    case "inherit":
      return tree;
  }
}
