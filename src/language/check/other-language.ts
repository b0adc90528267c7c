/** Recognizes files in other languages and formats, and says what to do with each. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { NOT_UTF8 } from "../syntax/read.ts";
import type { Source } from "../syntax/tree.ts";

interface Language {
  /** The name for messages. */
  language: string;
  advice: string;
}

const IMPORT = (kind: string): string => `run \`imgc import --from ${kind} FILE\` to make a description from it`;
const INIT = "run `imgc init` to write a first description";

const DOCKERFILE_LINE =
  /^(?:FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\s/i;
const YAML_LINE = /^(?:---|(?:- )?[\w."/-]+:(?:\s.*)?|- .*)$/;
const TOML_LINE = /^(?:\[\[?[\w."-]+\]\]?|[\w."-]+\s*=\s*(?:["'[{\d]|true|false).*)$/;
const SHELL_LINE =
  /^(?:set -\w|export\s+\w+=|\w+=\S|(?:sudo|docker|podman|apt-get|apk|mkdir|cd|cp|echo|exec|source|curl|chmod|chown)\s|if\s+\[|fi$|done$|for\s+\w+\s+in\s)/;
const NIX_START =
  /^(?:\{[^;"]*\}\s*:|[\w-]+:[^\S\n]+(?:\{|[\w-]+:\s)|with\s+[\w.]+\s*;|with\s+import\b|import\s+<|\(import\b|pkgs\.|rec\s*\{|\{\s*[\w.]+\s*=|builtins\.)/;

/** The diagnostic for a text that is not imgspec, at its first line; undefined if the text may be imgspec. */
export function otherLanguage({ path, text }: Source): Diagnostic | undefined {
  const found = languageOf(text);
  if (found === undefined) return undefined;
  const start = text.search(/\S/);
  const line = text.indexOf("\n", start);
  const span = { start, end: line < 0 ? text.length : line };
  return diagnostic("other-language", { file: path, span }, found);
}

function languageOf(text: string): Language | undefined {
  const bytes = notText(text);
  if (bytes !== undefined) return bytes;
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  const start = lines.join("\n").trimStart();
  return (
    dockerfile(lines) ?? json(start) ?? xml(start) ?? nix(start) ?? shell(text, lines) ?? toml(lines) ?? yaml(lines)
  );
}

/** Bytes that are no text, or text in another encoding. */
function notText(text: string): Language | undefined {
  const start = text.slice(0, 4096);
  if (!start.includes("\0")) return undefined;
  const [even, odd] = [0, 1].map((parity) => {
    const some = Array.from(start.replaceAll(NOT_UTF8, "")).filter((_, index) => index % 2 === parity);
    return some.length > 0 && some.filter((each) => each === "\0").length * 10 >= some.length * 8;
  });
  if (even !== odd) return { language: "text in UTF-16", advice: "save the file as UTF-8" };
  return { language: "a binary file", advice: "name a text file in UTF-8" };
}

function dockerfile(lines: readonly string[]): Language | undefined {
  const isStart = /^(?:FROM|ARG)\s+[\w$]/i.test(lines[0] ?? "");
  if (!isStart || lines.filter((line) => DOCKERFILE_LINE.test(line)).length * 3 < lines.length) return undefined;
  return { language: "a Dockerfile", advice: IMPORT("dockerfile") };
}

function json(start: string): Language | undefined {
  if (!/^\{\s*(?:"[^"\n]*"\s*:|\}|\/\/)/.test(start) && !/^\[\s*(?:\{|")/.test(start)) return undefined;
  const has = (...names: string[]): boolean => names.every((name) => start.includes(`"${name}"`));
  if (has("schemaVersion") || (has("rootfs", "config") && has("architecture")))
    return {
      language: "a document of an OCI image in JSON",
      advice: "name the image in `base`, as in `base layout ./FOLDER`",
    };
  if (has("customizations") || has("features") || has("postCreateCommand") || has("remoteUser"))
    return { language: "a devcontainer.json file", advice: INIT };
  return { language: "JSON", advice: INIT };
}

function xml(start: string): Language | undefined {
  return /^<(?:\?xml|!DOCTYPE|[A-Za-z][\w:-]*[\s/>])/i.test(start) ? { language: "XML", advice: INIT } : undefined;
}

function nix(start: string): Language | undefined {
  const isLet = /^let\s[^]*;[^]*\bin\b/.test(start);
  if (!isLet && !NIX_START.test(start)) return undefined;
  const isFlake = /\boutputs\s*=/.test(start) && /\b(?:inputs|description)\b/.test(start);
  if (!isFlake) return { language: "a Nix expression", advice: IMPORT("nix") };
  return { language: "a Nix flake", advice: "run `imgc import --from nix FILE` with the file that makes the image" };
}

function shell(text: string, lines: readonly string[]): Language | undefined {
  const isScript = /^#!.*\b(?:ba|da|z|k)?sh\b/.test(text);
  if (!isScript && lines.filter((line) => SHELL_LINE.test(line.trim())).length * 2 < Math.max(2, lines.length))
    return undefined;
  return { language: "a shell script", advice: "run it in a derivation, and copy the result with `copy nix ''…''`" };
}

function toml(lines: readonly string[]): Language | undefined {
  const found = lines.filter((line) => TOML_LINE.test(line.trim())).length;
  const isStart = TOML_LINE.test(lines[0] ?? "");
  return isStart && found * 3 >= lines.length * 2 ? { language: "TOML", advice: INIT } : undefined;
}

/** In YAML, the first line is not indented, and most lines have a colon. */
function yaml(lines: readonly string[]): Language | undefined {
  const found = lines.filter((line) => YAML_LINE.test(line.trim())).length;
  const isStart = YAML_LINE.test(lines[0] ?? "") && !/^(?:let|param|import|nixpkgs|image)\b/.test(lines[0] ?? "");
  if (!isStart || found * 3 < lines.length * 2) return undefined;
  const has = (...names: string[]): boolean => names.every((name) => lines.some((line) => line.startsWith(`${name}:`)));
  if (has("apiVersion", "kind"))
    return { language: "a Kubernetes manifest", advice: `it names an image, but does not describe one; ${INIT}` };
  if (has("services"))
    return { language: "a Compose file", advice: "run `imgc import FILE` with the Dockerfile that its `build` names" };
  if (has("contents")) return { language: "an apko file", advice: IMPORT("apko") };
  return { language: "YAML", advice: INIT };
}
