/** Renders the Markdown of completion and hover. HTML in it is shown as text, since it may come from the user's description. */
import { Marked } from "marked";

const marked = new Marked({ renderer: { html: ({ text }) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;") } });

export function markdownElement(markdown: string): HTMLElement {
  const made = document.createElement("div");
  made.className = "markdown";
  made.innerHTML = marked.parse(markdown, { async: false });
  return made;
}
