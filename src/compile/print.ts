/** Prints a Nix tree the way nixfmt lays it out, with prettier's document printer. */
import { builders, printer } from "prettier/doc";
import type { Doc } from "prettier";
import type { Binding, Nix } from "./nix-syntax.ts";

const { group, hardline, indent, join, line, literalline } = builders;

const WIDTH = 100;
/** Literals in the form of variables. `inherit` would read them as variables, so it must not be used for them. */
const WORDS = new Set(["true", "false", "null"]);
const KEYWORDS = new Set(["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"]);

export function printNix(tree: Nix): string {
  const doc = [print(tree), hardline];
  return printer.printDocToString(doc, { printWidth: WIDTH, tabWidth: 2, useTabs: false }).formatted;
}

function print(tree: Nix): Doc {
  switch (tree.kind) {
    case "string":
      return ['"', ...tree.parts.map((part, i) => stringPart(part, tree.parts[i + 1])), '"'];
    case "integer":
      return String(tree.value);
    case "name":
      return tree.name;
    case "path":
      return path(tree.path);
    case "relative":
      return relativePath(tree.path);
    case "lookup":
      return `<${tree.name}>`;
    case "list":
      return tree.items.length === 0 ? "[ ]" : bracketed("[", tree.items.map(atom), "]");
    case "set":
      return tree.bindings.length === 0 ? "{ }" : bracketed("{", tree.bindings.map(inSet), "}");
    case "inherit":
      return `{ inherit ${tree.name}; }`;
    case "select": {
      const selected = [atom(tree.from), ...tree.path.map((key) => `.${attribute(key)}`)];
      return tree.default === undefined ? selected : [...selected, " or ", atom(tree.default)];
    }
    case "call":
      return [callee(tree.function), " ", atom(tree.argument)];
    case "lambda":
      return group([tree.argument, ":", indent([line, print(tree.body)])]);
    case "if":
      return group([
        ["if ", print(tree.condition), " then"],
        indent([line, print(tree.yes)]),
        [line, "else"],
        indent([line, print(tree.no)]),
      ]);
    case "update":
      return group([atom(tree.left), line, "// ", atom(tree.right)]);
    case "let":
      return [
        "let",
        indent([hardline, join(hardline, tree.bindings.map(binding))]),
        hardline,
        "in",
        hardline,
        print(tree.body),
      ];
    case "function": {
      if (tree.parameters.every((parameter) => parameter.default === undefined)) {
        return ["{ ", tree.parameters.map(({ name }) => name).join(", "), " }:", indent([hardline, print(tree.body)])];
      }
      const parameters = tree.parameters.map(({ name, default: value }) => {
        return [name, ...(value === undefined ? [] : [" ? ", print(value)]), ","];
      });
      return ["{", indent([hardline, join(hardline, parameters)]), hardline, "}:", hardline, print(tree.body)];
    }
    case "code":
      // Lines keep their indentation, which may be inside a string. The last line break ends a comment at the end of
      // the code.
      return [
        tree.scope === undefined ? "(" : `(with ${tree.scope};`,
        indent([hardline, tree.pieces.map((piece) => (typeof piece === "string" ? literal(piece) : print(piece)))]),
        hardline,
        ")",
      ];
  }
}

/** Before an interpolation, also escapes a final `$`: `$${` would not interpolate. */
function stringPart(part: string | Nix, next: string | Nix | undefined): Doc {
  if (typeof part !== "string") return ["${", print(part), "}"];
  return next === undefined ? escape(part) : escape(part).replace(/\$$/, "\\$");
}

/** Puts two or more items on lines of their own, as nixfmt does. */
function bracketed(open: string, items: Doc[], close: string): Doc {
  const separator = items.length > 1 ? hardline : line;
  return group([open, indent([separator, join(separator, items)]), separator, close]);
}

function inSet(each: Binding): Doc {
  const { path: keys, value } = each;
  const isInherited = keys.length === 1 && value.kind === "name" && value.name === keys[0] && !WORDS.has(value.name);
  return isInherited ? `inherit ${value.name};` : binding(each);
}

function binding({ path: keys, value }: Binding): Doc {
  return [keys.map(attribute).join("."), " = ", print(value), ";"];
}

/** Prints an argument or list item, with parentheses where Nix needs them. */
function atom(tree: Nix): Doc {
  switch (tree.kind) {
    case "call":
    case "let":
    case "function":
    case "lambda":
    case "if":
    case "update":
      return ["(", print(tree), ")"];
    case "select":
      return tree.default === undefined ? print(tree) : ["(", print(tree), ")"];
    case "integer":
      return tree.value < 0 ? `(${tree.value})` : print(tree);
    default:
      return print(tree);
  }
}

function callee(tree: Nix): Doc {
  return tree.kind === "call" ? print(tree) : atom(tree);
}

export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(text) && !KEYWORDS.has(text);
}

function attribute(key: string): string {
  return isIdentifier(key) ? key : `"${escape(key)}"`;
}

function path(text: string): string {
  return isPlainPath(text) ? text : `(/. + "${escape(text)}")`;
}

function relativePath(text: string): string {
  const plain = text === "" ? "./." : /^\.\.(?:\/|$)/.test(text) ? text.replace(/^\.\.$/, "../.") : `./${text}`;
  return isPlainPath(`/${text}`) || text === "" ? plain : `(./. + "${escape(`/${text}`)}")`;
}

/** Whether Nix accepts the path as a literal, without quotes. */
export function isPlainPath(text: string): boolean {
  return /^(\/[A-Za-z0-9._+-]+)+$/.test(text);
}

function literal(text: string): Doc {
  return join(literalline, text.split("\n"));
}

function escape(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("${", "\\${")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}
