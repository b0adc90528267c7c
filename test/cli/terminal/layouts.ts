/** Layouts for tests of texts. */
import type { Layout } from "../../../src/cli/terminal/style.ts";

/** A terminal of 80 columns without colours. */
export const TERMINAL: Layout = { width: 80, paint: (_, text) => text };
export const PIPE: Layout = { ...TERMINAL, width: Infinity };
/** Shows the meaning of each styled text. */
export const MARKED: Layout = { width: 80, paint: (meaning, text) => `<${meaning}>${text}</>` };
