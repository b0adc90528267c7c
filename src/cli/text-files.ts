/** Reading and replacing text files. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  linkSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { ownBeside } from "../temporary/own-folder.ts";
import { EXIT, UserError } from "./exit.ts";

/** A file's text; one that is not UTF-8 is refused, since writing it again would not give the same bytes. */
export function readText(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UserError(EXIT.usage, `cannot read ${path}: ${reason(error)}`);
  }
  return decode(bytes, path);
}

/** Bytes as text; `name` is what a message calls them. */
export function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError(EXIT.usage, `${name} is not UTF-8 text`);
  }
}

/** Makes a file in one step; one that is there stays as it is. */
export function createText(path: string, text: string): void {
  try {
    const beside = ownBeside(path);
    try {
      writeFileSync(beside, text, { flush: true });
      linkSync(beside, path);
    } finally {
      rmSync(beside, { force: true });
    }
  } catch (error) {
    throw new UserError(EXIT.environment, `cannot write ${path}: ${reason(error)}`);
  }
}

/**
 * Writes a file in one step: the new text, whole or in pieces, is written beside it, with its mode, and renamed. Links
 * are followed. Into what is no file, such as a device or a pipe, it is written as it comes.
 */
export function replaceText(path: string, text: string | Generator<string>): void {
  try {
    const before = statSync(path, { throwIfNoEntry: false });
    const pieces = typeof text === "string" ? [text] : text;
    if (before?.isFile() === false) return write(path, pieces, () => {});
    const target = before === undefined ? path : realpathSync(path);
    const beside = ownBeside(target);
    try {
      write(beside, pieces, fsyncSync);
      if (before !== undefined) chmodSync(beside, before.mode);
      renameSync(beside, target);
    } finally {
      rmSync(beside, { force: true });
    }
  } catch (error) {
    throw new UserError(EXIT.environment, `cannot write ${path}: ${reason(error)}`);
  }
}

function write(path: string, pieces: Iterable<string>, settle: (fd: number) => void): void {
  const fd = openSync(path, "w");
  try {
    for (const piece of pieces) writeFileSync(fd, piece);
    settle(fd);
  } finally {
    closeSync(fd);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
