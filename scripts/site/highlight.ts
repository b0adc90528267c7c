/** Colors code of imgspec as HTML, with the tokens that the language server sends to editors. */
import { check } from "../../src/language/index.ts";
import { semanticTokens, type Token } from "../../src/lsp/semantic-tokens.ts";
import { imageSettings } from "../../src/language/schema/image.ts";
import { settingName } from "../../src/language/types/setting.ts";

/** Texts in which an excerpt that is no file is complete: the block of an image, and the blocks inside. */
const FRAMES = [
  'image "a" {\n',
  ...Object.entries(imageSettings).map(([key, setting]) => `image "a" {\n${settingName(key, setting)} {\n`),
];

export function highlight(code: string): string {
  const tokens = tokensOf(code);
  let html = "";
  let at = 0;
  for (const { span, type } of tokens) {
    if (span.start < at) continue;
    html += `${escapeHtml(code.slice(at, span.start))}<span class="token-${type}">${escapeHtml(code.slice(span.start, span.end))}</span>`;
    at = span.end;
  }
  return html + escapeHtml(code.slice(at));
}

/** The tokens of a file, or else of an excerpt in the frame that explains most of its words. */
function tokensOf(code: string): Token[] {
  const whole = tokensIn("", code);
  if (knownWords(whole) > 0) return whole;
  return FRAMES.map((frame) => tokensIn(frame, code)).reduce(
    (best, each) => (knownWords(each) > knownWords(best) ? each : best),
    whole,
  );
}

function tokensIn(frame: string, code: string): Token[] {
  const text = frame + code + "\n}".repeat(frame.split("{").length - 1);
  const { root } = check({ path: "/excerpt.imgspec", text }, { read: () => undefined, exists: () => true });
  return semanticTokens(root, { start: frame.length, end: frame.length + code.length })
    .map((token) => ({
      ...token,
      span: { start: token.span.start - frame.length, end: token.span.end - frame.length },
    }))
    .filter(({ span }) => span.start >= 0 && span.end <= code.length);
}

function knownWords(tokens: Token[]): number {
  return tokens.filter(({ type }) => type === "keyword" || type === "property" || type === "enumMember").length;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
