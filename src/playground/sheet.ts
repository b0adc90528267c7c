/** The content of the playground, and its form in a link: compressed JSON in the URL's fragment, which browsers do not send. */
import * as z from "zod/mini";

export const Sheet = z.strictObject({
  /** The name of the description's file. */
  name: z.string().check(z.regex(/^[\w.+-]+$/)),
  text: z.string(),
  /** The files and folders beside the description, as relative paths. Only their names are known. */
  files: z.array(z.string()),
});
export type Sheet = z.infer<typeof Sheet>;

/** The key of the content in the fragment. */
const KEY = "sheet=";
/** Limit of the decompressed content in bytes: damaged or hostile links cannot fill the memory. */
const MAX_BYTES = 1_000_000;

export async function toFragment(sheet: Sheet): Promise<string> {
  const json = new Blob([JSON.stringify(sheet)]).stream();
  const bytes = await bytesOf(json.pipeThrough(new CompressionStream("deflate-raw")));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `#${KEY}${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Undefined if the fragment has no content. Throws if the content is damaged. */
export async function fromFragment(fragment: string): Promise<Sheet | undefined> {
  if (!fragment.startsWith(`#${KEY}`)) return undefined;
  const text = atob(
    fragment
      .slice(KEY.length + 1)
      .replaceAll("-", "+")
      .replaceAll("_", "/"),
  );
  const packed = new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))]).stream();
  const bytes = await bytesOf(packed.pipeThrough(new DecompressionStream("deflate-raw")));
  return Sheet.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error("the content of the link is too large");
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
