/**
 * `npm run bench [-- --write] [TOPIC…]`: measures, and prints a table for each topic. With --write, the tables also replace
 * those in docs/.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { Row, Section } from "./section.ts";

const TOPICS = join(import.meta.dirname, "topics");
const DOCUMENTS = join(import.meta.dirname, "../docs");

const known = readdirSync(TOPICS).map((name) => name.replace(/\.ts$/, ""));
const wanted = process.argv.slice(2).filter((word) => word !== "--write");
const unknown = wanted.find((topic) => !known.includes(topic));
if (unknown !== undefined) {
  process.stderr.write(`unknown topic ${unknown}; the topics are ${known.join(", ")}\n`);
  process.exit(2);
}

for (const topic of known.filter((each) => wanted.length === 0 || wanted.includes(each))) {
  const { section } = (await import(join(TOPICS, `${topic}.ts`))) as { section: Section };
  process.stderr.write(`measuring ${topic}\n`);
  const text = `## ${section.title}\n\n${section.about}\n\n${table(await section.run())}\n\n${machine()}\n`;
  process.stdout.write(`${text}\n`);
  if (process.argv.includes("--write"))
    await replace(join(DOCUMENTS, section.document ?? "benchmarks.md"), topic, text);
}

function table(rows: Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, columns.map(() => "---"), ...rows.map((row) => columns.map((column) => row[column] ?? ""))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function machine(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `_${date}, ${cpus().length} cores, Node.js ${process.version}: \`npm run bench\`._`;
}

/** Replaces the text between the topic's markers; without markers, appends the text with markers. */
async function replace(document: string, topic: string, text: string): Promise<void> {
  const [opening, closing] = [`<!-- bench:${topic} -->`, `<!-- /bench:${topic} -->`];
  const before = readFileSync(document, "utf8");
  const [start, end] = [before.indexOf(opening), before.indexOf(closing)];
  const block = `${opening}\n\n${text}\n${closing}\n`;
  const after =
    start < 0 ? `${before.trimEnd()}\n\n${block}` : before.slice(0, start) + block + before.slice(end + closing.length);
  writeFileSync(
    document,
    await format(after, { ...(await resolveConfig(document, { editorconfig: true })), parser: "markdown" }),
  );
}
