/** The editor: CodeMirror with the colors, diagnostics, fixes, completion and hover of the language. */
import {
  autocompletion,
  closeBrackets,
  completionKeymap,
  snippetCompletion,
  type Completion,
  type CompletionContext,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, StateEffect, StateField, type Range } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
  type DecorationSet,
} from "@codemirror/view";
import { fixesOf } from "../fixes/index.ts";
import type { Edit } from "../fixes/index.ts";
import { complete } from "../lsp/completion.ts";
import { hover } from "../lsp/hover.ts";
import { semanticTokens, type Token } from "../lsp/semantic-tokens.ts";
import type { CompiledSheet } from "./compile-sheet.ts";
import { markdownHtml } from "./markdown.ts";

/** Milliseconds without a change after which the text is checked. */
const PAUSE = 120;

const setTokens = StateEffect.define<Token[]>();

const tokenColors = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    const tokens = transaction.effects.find((effect) => effect.is(setTokens))?.value as Token[] | undefined;
    if (tokens === undefined) return decorations.map(transaction.changes);
    const ranges = tokens
      .filter(({ span }) => span.end > span.start && span.end <= transaction.newDoc.length)
      .map(({ span, type }): Range<Decoration> =>
        Decoration.mark({ class: `token-${type}` }).range(span.start, span.end),
      );
    return Decoration.set(ranges, true);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The colors come from the style of the site, which has a dark variant. */
const theme = EditorView.theme({
  "&": { backgroundColor: "var(--back)", color: "var(--text)", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "ui-monospace, Menlo, Consolas, monospace", maxHeight: "75vh" },
  ".cm-content, .cm-gutter": { minHeight: "22em" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--shade)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--shade) 60%, transparent)" },
  ".cm-tooltip": { backgroundColor: "var(--shade)", color: "var(--text)", border: "1px solid var(--line)" },
  ".cm-tooltip .markdown": { maxWidth: "34em", padding: "4px 10px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--link)", color: "var(--back)" },
  ".cm-tooltip.cm-completionInfo": { maxHeight: "20em", overflow: "auto", padding: "0", whiteSpace: "normal" },
  ".cm-diagnosticAction": { backgroundColor: "var(--link)", color: "var(--back)", fontSize: "13px" },
});

export class Editor {
  readonly view: EditorView;
  /** Checks and compiles the text. */
  readonly #compile: (text: string) => CompiledSheet;
  readonly #onCompiled: (compiled: CompiledSheet) => void;
  #timer = 0;
  #compiled: CompiledSheet;

  constructor(
    parent: HTMLElement,
    text: string,
    compile: (text: string) => CompiledSheet,
    onCompiled: (compiled: CompiledSheet) => void,
  ) {
    this.#compile = compile;
    this.#onCompiled = onCompiled;
    this.#compiled = compile(text);
    this.view = new EditorView({ parent, state: this.#state(text) });
    this.#show();
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** The check of the present text. */
  get compiled(): CompiledSheet {
    this.#flush();
    return this.#compiled;
  }

  /** Starts anew with another text, without its history. */
  open(text: string): void {
    this.view.setState(this.#state(text));
    this.check();
  }

  /** Checks the text again, because other files changed. */
  check(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#compiled = this.#compile(this.text);
    this.#show();
  }

  /** Changes the text to another one; the part that differs is one change, which can be undone. */
  replace(text: string): void {
    const before = this.text;
    let start = 0;
    while (start < before.length && before[start] === text[start]) start++;
    let end = 0;
    while (end < Math.min(before.length, text.length) - start && before.at(-1 - end) === text.at(-1 - end)) end++;
    if (before === text) return;
    this.view.dispatch({
      changes: { from: start, to: before.length - end, insert: text.slice(start, text.length - end) },
    });
    this.check();
  }

  apply(edits: Edit[]): void {
    this.view.dispatch({
      changes: edits.map(({ span, text }) => ({ from: span.start, to: span.end, insert: text })),
    });
    this.check();
  }

  /** Moves the cursor to a place in the text. */
  goTo(offset: number): void {
    this.view.dispatch({ selection: { anchor: Math.min(offset, this.view.state.doc.length) }, scrollIntoView: true });
    this.view.focus();
  }

  #flush(): void {
    if (this.#timer !== 0) this.check();
  }

  #show(): void {
    const { result, diagnostics } = this.#compiled;
    const limit = this.view.state.doc.length;
    this.view.dispatch({ effects: setTokens.of(semanticTokens(result.root)) });
    this.view.dispatch(
      setDiagnostics(
        this.view.state,
        diagnostics.map((found) => ({
          from: Math.min(found.span.start, limit),
          to: Math.min(found.span.end, limit),
          severity: found.severity,
          message: found.message,
          actions: fixesOf(found, result).map(({ title, edits }) => ({ name: title, apply: () => this.apply(edits) })),
        })),
      ),
    );
    this.#onCompiled(this.#compiled);
  }

  #state(text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        highlightActiveLine(),
        closeBrackets(),
        EditorState.tabSize.of(2),
        tokenColors,
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "Image description", spellcheck: "false" }),
        autocompletion({ override: [(context) => this.#completions(context)] }),
        hoverTooltip((_, position) => this.#hover(position)),
        keymap.of([...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of(({ docChanged }) => {
          if (!docChanged) return;
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => this.check(), PAUSE) as unknown as number;
        }),
      ],
    });
  }

  #completions(context: CompletionContext) {
    // Without a key, completion begins only with a name.
    if (!context.explicit && context.matchBefore(/[\w$-]+/) === null) return null;
    const { root } = this.compiled.result;
    const found = complete({ root }, context.pos, { list: () => [], packages: () => [] });
    const [first] = found;
    if (first === undefined) return null;
    const options = found.map(({ label, text, snippet, detail, doc }): Completion => {
      const entry = {
        label,
        ...(detail === undefined ? {} : { detail }),
        ...(doc === undefined ? {} : { info: () => markdownElement(doc) }),
      };
      return snippet === undefined ? { ...entry, apply: text } : snippetCompletion(codeMirrorSnippet(snippet), entry);
    });
    return { from: first.span.start, to: first.span.end, options, validFor: /^[\w-]*$/ };
  }

  #hover(position: number) {
    const found = hover(this.compiled.result.root, position);
    if (found === undefined) return null;
    return { pos: found.span.start, end: found.span.end, create: () => ({ dom: markdownElement(found.markdown) }) };
  }
}

/** A snippet of the language server protocol in the syntax of CodeMirror: `${1}`, not `$1`. */
function codeMirrorSnippet(snippet: string): string {
  return snippet.replaceAll(/\$(\d+)/g, "${$1}");
}

function markdownElement(markdown: string): HTMLElement {
  const made = document.createElement("div");
  made.className = "markdown";
  made.innerHTML = markdownHtml(markdown);
  return made;
}
