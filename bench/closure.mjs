/**
 * Builds a closure of realistic shape in one derivation, with an output for each path: a few large paths and many small
 * ones, thousands of files, half of each file compressible. Deterministic for a seed.
 */
import { createCipheriv, createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const { seed, bytes, files, outputs } = JSON.parse(readFileSync(`${process.env.NIX_BUILD_TOP}/.attrs.json`, "utf8"));
const key = createHash("sha256").update(String(seed)).digest().subarray(0, 16);
const cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
const BLOCK = 4096;
const zeros = Buffer.alloc(BLOCK / 2);
const text = Buffer.from("the quick brown fox jumps over the lazy dog and says nothing at all; ".repeat(30)).subarray(
  0,
  BLOCK / 2,
);

let state = 1 + (seed % 1000);
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;

const names = Object.keys(outputs).toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
// Sizes fall as in real closures: the tenth path is about an eighth of the first.
const weights = names.map((_, i) => 1 / (i + 1) ** 0.9);
const sum = weights.reduce((a, b) => a + b, 0);
for (const [i, name] of names.entries()) {
  const path = outputs[name];
  const share = weights[i] / sum;
  const count = Math.max(1, Math.round(files * share));
  // References lead to earlier paths, more often to the first ones.
  const needs = Array.from({ length: Math.min(i, 4) }, () => outputs[names[Math.floor(random() ** 2 * i)]]);
  mkdirSync(`${path}/lib`, { recursive: true });
  writeFileSync(`${path}/lib/needs`, needs.join("\n"));
  const sizes = Array.from({ length: count }, () => random() ** 4 + 0.001);
  const all = sizes.reduce((a, b) => a + b, 0);
  for (const [j, size] of sizes.entries()) {
    if (j % 100 === 0) mkdirSync(`${path}/lib/${j / 100}`);
    const pieces = [];
    for (let left = Math.ceil((bytes * share * size) / all); left > 0; left -= BLOCK) {
      pieces.push(cipher.update(zeros), text);
    }
    writeFileSync(`${path}/lib/${Math.floor(j / 100)}/${j}`, Buffer.concat(pieces));
  }
}
