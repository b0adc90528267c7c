/**
 * Loads the bundles of a command, with a code cache. The compile cache of Node.js has only the functions that run while a
 * module loads; V8 would compile the others again in each run, which takes a third of the time of `imgc check`. A cache made
 * when the process ends also has the functions that the command ran.
 */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { createRequire, getCompileCacheDir } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { EXIT } from "../util/errors.ts";
import { replaceFile } from "../util/temporary.ts";

/** A digest of all bundles: V8 compares only the length of a text with that of the cached text. */
declare const BUILD: string;

const DIST = import.meta.dirname;
const WRAPPER = ["(function (exports, require, module, __filename, __dirname) {", "\n})"] as const;

/** Limit of a path's characters in a file name. */
const MAX_PLACE = 150;
const CHECKSUM_LENGTH = 8;
const HEADER_LENGTH = BUILD.length + CHECKSUM_LENGTH;

interface CommonModule {
  exports: object;
}
type Body = (
  exports: object,
  require: (name: string) => unknown,
  module: CommonModule,
  filename: string,
  dirname: string,
) => void;

const requireModule = createRequire(join(DIST, "start.cjs"));
const loaded = new Map<string, CommonModule>();
const load = Object.assign(
  (name: string): unknown => (name.startsWith("./") ? loadBundle(name.slice(2)) : requireModule(name)),
  requireModule,
);

/** The scripts without a cache, and the files for their caches. */
const uncached = new Map<Script, string>();

load("./imgc.cjs");

function loadBundle(name: string): object {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const filename = join(DIST, name);
  const module: CommonModule = { exports: {} };
  loaded.set(name, module);
  const body = compile(name, filename).runInThisContext() as Body;
  body(module.exports, load, module, filename, DIST);
  return module.exports;
}

function compile(name: string, filename: string): Script {
  const file = cacheFile(name);
  const cachedData = file === undefined ? undefined : readCache(file);
  const script = new Script(WRAPPER.join(readFileSync(filename, "utf8")), {
    filename,
    columnOffset: -WRAPPER[0].length,
    ...(cachedData !== undefined && { cachedData }),
  });
  if (file !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) {
    if (uncached.size === 0) process.once("exit", writeCaches);
    uncached.set(script, file);
  }
  return script;
}

/** The file for the cache of a bundle. Each command has its own files, because each command runs other functions. */
function cacheFile(name: string): string | undefined {
  const folder = getCompileCacheDir();
  const [, , command = ""] = process.argv;
  const place = DIST.replaceAll("/", "-").slice(-MAX_PLACE);
  return folder && join(folder, `imgc${place}-${/^[a-z]+$/.test(command) ? command : "options"}-${name}`);
}

/**
 * The code cache in a file; undefined if there is none, or if it is damaged or from another build of imgc. V8 does not check
 * the content: a damaged cache would end the process in each run. A file of another user is refused, since its code would run
 * as this user: by default, the folder is below the temporary folder that all users share.
 */
function readCache(file: string): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    if (fstatSync(fd).uid !== process.getuid?.()) return undefined;
    const content = readFileSync(fd);
    const cache = content.subarray(HEADER_LENGTH);
    return content.toString("latin1", 0, HEADER_LENGTH) === header(cache) ? cache : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Before the code cache in a file: the build of imgc, and a checksum of the code cache. */
function header(cache: Buffer): string {
  return BUILD + crc32(cache).toString(16).padStart(CHECKSUM_LENGTH, "0");
}

function writeCaches(code: number): void {
  // A command that failed has not run all its functions.
  if (code !== 0 && code !== EXIT.findings) return;
  for (const [script, file] of uncached) {
    try {
      const cache = script.createCachedData();
      replaceFile(file, Buffer.concat([Buffer.from(header(cache), "latin1"), cache]));
    } catch {
      // The folder is read-only or full: the next run starts without a cache, too.
    }
  }
}
