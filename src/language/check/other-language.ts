/** Recognizes files in other languages. */
import type { Source } from "../syntax/tree.ts";

const DOCKERFILE_LINE =
  /^(?:FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\s/;
const YAML_LINE = /^(?:---|(?:- )?[\w."/-]+:(?:\s.*)?|- .*)$/;
const NIX_START =
  /^(?:\{[^{}"]*\}\s*:|let\b[^]*\bin\b|with\s+import\b|import\s+<|\(import\b|\{\s*pkgs\b|pkgs\.|rec\s*\{)/;

/** The name, for messages, of the language of a text; undefined if the text may be imgspec. */
export function otherLanguage({ text }: Source): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  const [first = ""] = lines;
  if (/^(?:FROM|ARG)\s/.test(first) && lines.filter((line) => DOCKERFILE_LINE.test(line)).length * 3 >= lines.length)
    return "a Dockerfile";
  const start = lines.join("\n").trimStart();
  if (/^\{\s*(?:"[^"\n]*"\s*:|\})/.test(start) || /^\[\s*(?:\{|")/.test(start)) return "JSON";
  if (NIX_START.test(start)) return "a Nix expression";
  // YAML: the first line is not indented, and most lines have a colon.
  const yaml = lines.filter((line) => YAML_LINE.test(line.trim())).length;
  if (YAML_LINE.test(first) && yaml * 3 >= lines.length * 2) return "YAML";
  return undefined;
}
