/** The playground: an editor beside the diagnostics and the compiled Nix expression. Nothing leaves the browser. */
import { position } from "../diagnostics/source.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { applyFixes, fixesOf } from "../fixes/index.ts";
import { format } from "../format/format.ts";
import { quantity } from "../util/quantities.ts";
import { compileSheet, hostOf, pathOf, type CompiledSheet } from "./compile-sheet.ts";
import type { PlaygroundData } from "./data.ts";
import { Editor } from "./editor.ts";
import { fromFragment, toFragment, type Sheet } from "./sheet.ts";

const { version, examples } = JSON.parse(byId("playground-data").textContent ?? "") as PlaygroundData;
const chooser = byId("example") as HTMLSelectElement;
const filesField = byId("files") as HTMLTextAreaElement;

let name = "image.imgspec";

const sheetOf = (text: string): Sheet => ({
  name,
  text,
  files: filesField.value.split("\n").flatMap((line) => line.trim() || []),
});

const editor = new Editor(byId("editor"), "", (text) => compileSheet(sheetOf(text), version), show);

function open(sheet: Sheet): void {
  name = sheet.name;
  filesField.value = sheet.files.join("\n");
  byId("file-name").textContent = sheet.name;
  editor.open(sheet.text);
}

function show({ result, diagnostics, nix }: CompiledSheet): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const counts = [
    ...(errors > 0 ? [quantity(errors, "error")] : []),
    ...(warnings > 0 ? [quantity(warnings, "warning")] : []),
  ];
  byId("count").textContent = counts.length === 0 ? "No problems" : counts.join(", ");
  byId("problems").replaceChildren(...diagnostics.map((found) => problem(found, result)));
  byId("nix").textContent = nix ?? "";
  byId("nix").hidden = nix === undefined;
  byId("no-nix").hidden = nix !== undefined;
  // The list of files decides which files exist.
  if (diagnostics.some(({ code }) => code === "missing-file")) (byId("beside") as HTMLDetailsElement).open = true;
  const hasFix = diagnostics.some((found) => fixesOf(found, result).some(({ isSafe }) => isSafe));
  (byId("fix") as HTMLButtonElement).disabled = !hasFix;
}

function problem(found: Diagnostic, result: CompiledSheet["result"]): HTMLElement {
  const { line, column } = position(result.root.source, found.span.start);
  const item = document.createElement("li");
  item.className = found.severity;
  const code = document.createElement("a");
  code.href = `grammar/diagnostics/${found.code}.html`;
  code.textContent = found.code;
  const message = document.createElement("span");
  message.textContent = found.message;
  item.append(
    button(`${line}:${column}`, () => editor.goTo(found.span.start), "place"),
    message,
    ...fixesOf(found, result).map(({ title, edits }) => button(title, () => editor.apply(edits), "fix")),
    code,
  );
  return item;
}

function button(label: string, onClick: () => void, className: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", onClick);
  return made;
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

function announce(text: string): void {
  byId("message").textContent = text;
}

/** Runs the work of a button; an error becomes a message. */
function whenClicked(id: string, work: () => Promise<void>): void {
  byId(id).addEventListener("click", () => {
    work().catch((error: unknown) => announce(error instanceof Error ? error.message : String(error)));
  });
}

whenClicked("format", async () => {
  const { text, diagnostics } = await format({ path: pathOf({ name }), text: editor.text });
  if (diagnostics.length > 0) return announce("The description has syntax errors, so it was not formatted.");
  editor.replace(text);
  announce("Formatted.");
});

whenClicked("fix", async () => {
  const sheet = sheetOf(editor.text);
  const { text, made } = await applyFixes({ path: pathOf(sheet), text: sheet.text }, hostOf(sheet), async () => []);
  editor.replace(text);
  announce(made.length === 1 ? "Applied 1 fix." : `Applied ${made.length} fixes.`);
});

whenClicked("link", async () => {
  history.replaceState(null, "", await toFragment(sheetOf(editor.text)));
  // Browsers may refuse the clipboard.
  const isCopied = await navigator.clipboard.writeText(location.href).then(
    () => true,
    () => false,
  );
  announce(isCopied ? "Copied the link, which contains the description." : "The address of this page is now the link.");
});

filesField.addEventListener("input", () => editor.check());
chooser.append(...examples.map((example) => new Option(example.name, example.name)));
chooser.addEventListener("change", () => {
  const example = examples.find((each) => each.name === chooser.value);
  if (example !== undefined) open(example);
});

async function openFragment(): Promise<boolean> {
  try {
    const sheet = await fromFragment(location.hash);
    if (sheet === undefined) return false;
    open(sheet);
    chooser.value = "";
    return true;
  } catch {
    announce("The link is damaged: its description cannot be read.");
    return false;
  }
}
addEventListener("hashchange", () => void openFragment());

void openFragment().then((isOpen) => {
  const [first] = examples;
  if (!isOpen && first !== undefined) open(first);
});
