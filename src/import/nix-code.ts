/** Writes recorded values as Nix code, for `nix ''…''` in a description. */
import { ImportError } from "./import-error.ts";
import { markerOf, piecesOf, type Marker } from "./nix-records.ts";

/** The value has a function or another part that was not recorded. */
export class Unwritable extends ImportError {}

/** How to write paths: those on this machine, and store paths that Nix made during the evaluation. */
export interface Paths {
  file: (absolute: string) => string;
  stored: (storePath: string) => string;
}

const STORE_PATH = /(\/nix\/store\/[a-z0-9]{32}-[\w.+?=-]+)/;

/** The parts of a text: every second part is a store path. */
export function splitAtStorePaths(text: string): string[] {
  return text.split(STORE_PATH);
}

/** The code that makes the value of a marker. Throws Unwritable. */
export function markerCode(made: Marker, paths: Paths): string {
  const write = (each: unknown): string => {
    if (typeof each === "string") {
      const marker = markerOf(each);
      return marker === undefined ? string(each) : ofMarker(marker);
    }
    if (Array.isArray(each))
      return each.length === 0 ? "[ ]" : `[ ${each.map((item) => argument(write(item))).join(" ")} ]`;
    if (typeof each === "object" && each !== null) {
      const fields = Object.entries(each).map(([name, field]) => `${attributePart(name)} = ${write(field)};`);
      return fields.length === 0 ? "{ }" : `{ ${fields.join(" ")} }`;
    }
    return String(each);
  };
  const string = (text: string): string => {
    const literal = (part: string, i: number): string =>
      i % 2 === 1 ? `\${${paths.stored(part)}}` : part.replaceAll(/["\\$]/g, "\\$&");
    const pieces = piecesOf(text).map((piece) =>
      typeof piece === "string" ? splitAtStorePaths(piece).map(literal).join("") : `\${${ofMarker(piece)}}`,
    );
    return `"${pieces.join("")}"`;
  };
  const ofMarker = (marker: Marker): string => {
    switch (marker.kind) {
      case "package":
        return marker.attribute.split(".").map(attributePart).join(".");
      case "expression":
        return piecesOf(marker.code)
          .map((piece) => (typeof piece === "string" ? piece : ofMarker(piece)))
          .join("");
      case "path":
        return paths.file(marker.path);
      case "text": {
        const { name, text, destination, executable } = marker;
        return `writeTextFile ${write({
          name,
          text,
          ...(executable && { executable }),
          ...(destination !== "" && { destination }),
        })}`;
      }
      case "call":
      case "packages":
        return `${marker.function} ${marker.arguments.map((each) => argument(write(each))).join(" ")}`;
      default:
        throw new Unwritable(`the value of a marker ${marker.kind} has no code`);
    }
  };
  return ofMarker(made);
}

/** The name of an attribute, in quotes unless it is an identifier. */
export function attributePart(part: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(part) ? part : JSON.stringify(part).replaceAll("$", "\\$");
}

/** Code as an argument of a function or an item of a list. */
function argument(code: string): string {
  const isSimple = /^(?:"[^]*"|\{[^]*\}|\[[^]*\]|[\w.'/+-]+)$/.test(code);
  return isSimple ? code : `(${code})`;
}
