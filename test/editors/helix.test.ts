import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { cleanUp, files, folder, tool } from "../e2e/tools.ts";
import { SAMPLE, setUp } from "./documented.ts";

/** The colours of words on a screen: the escape sequence that is in force at the word's first character. */
function colourOf(screen: string, word: string): string | undefined {
  const before = screen.slice(0, screen.indexOf(word));
  return /^[\d;]*m/.exec(before.split("\x1b[").at(-1) ?? "")?.[0];
}

test("Helix, set up as documented, colours, indents, and talks to the language server", async () => {
  const env = await setUp("Helix", "toml", ".config/helix/languages.toml");
  const health = (await tool("hx", ["--health", "imgspec"], env)).stdout;
  expect(health).toContain("imgc");
  expect(health.match(/✓/g)?.length).toBeGreaterThan(3);

  const spec = files({ "shop.imgspec": SAMPLE, a: "", "new.imgspec": "" });
  const socket = join(folder(), "tmux");
  const tmux = async (...args: string[]) =>
    (await tool("tmux", ["-S", socket, "-f", "/dev/null", ...args], env)).stdout;
  cleanUp(() => tmux("kill-server").catch(() => {}));
  const screen = () => tmux("capture-pane", "-e", "-p");
  async function until(condition: (text: string) => boolean): Promise<string> {
    for (let tries = 0; tries < 200; tries++) {
      const text = await screen();
      if (condition(text)) return text;
      await sleep(100);
    }
    throw new Error(`the screen shows: ${await screen()}`);
  }

  await tmux("new-session", "-d", "-x", "120", "-y", "40", `hx ${spec}`);
  const shown = await until((text) => text.includes("is not a setting of"));
  const words = ["comment", "let", "packages", "0644", 'bin"', "runtime"];
  const colours = words.map((word) => colourOf(shown, word));
  expect(colours).not.toContain(undefined);
  // The default theme has the same colour for settings, words of the language and packages.
  expect(new Set(colours).size, shown).toBe(words.length);

  // A new file, by keys.
  await tmux("send-keys", ":open ", join(spec, "../new.imgspec"), "Enter");
  await until((text) => text.includes("new.imgspec"));
  for (const key of ["i", 'image "a" {', "Enter", "packages [", "Enter", "hello"]) await tmux("send-keys", key);
  const typed = await until((text) => text.includes("hello"));
  expect(stripVTControlCharacters(typed)).toMatch(/image "a" \{.*\n.*\d {4}packages \[.*\n.*\d {6}hello/);
});
