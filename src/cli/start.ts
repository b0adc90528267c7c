/**
 * Loads the bundles of a command, with a code cache. The compile cache of Node.js has only the functions that run while a
 * module loads; V8 would compile the others again in each run, which takes a third of the time of `imgc check`. A cache made
 * when the process ends also has the functions that the command ran.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire, getCompileCacheDir } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { EXIT } from "../util/errors.ts";
import { replaceFile } from "../util/temporary.ts";

/** A digest of all bundles: V8 compares only the length of a text with that of the cached text. */
declare const BUILD: string;

const DIST = import.meta.dirname;
const WRAPPER = ["(function (exports, require, module, __filename, __dirname) {", "\n})"] as const;

/** The start of the names of caches. */
const PREFIX = "imgc";
/** Limit of a path's characters in a file name. */
const MAX_PLACE = 150;
const CHECKSUM_LENGTH = 8;
const WRITABLE_BY_OTHERS = 0o022;
const PRIVATE = 0o600;
/** The caches of older versions are removed after 30 days. A cache in use is then made again. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;
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
  return folder && join(folder, `${PREFIX}${place}-${/^[a-z]+$/.test(command) ? command : "options"}-${name}`);
}

/**
 * The code cache in a file; undefined if there is none, or if it is damaged or from another build of imgc. V8 does not check
 * the content: a damaged cache would end the process in each run. A link, and a file that another user owns or can write, are
 * refused, since the code would run as this user: NODE_COMPILE_CACHE may name a folder that users share.
 */
function readCache(file: string): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.uid !== process.getuid?.() || (stat.mode & WRITABLE_BY_OTHERS) !== 0) return undefined;
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
      replaceFile(file, Buffer.concat([Buffer.from(header(cache), "latin1"), cache]), PRIVATE);
      removeOld(dirname(file));
    } catch {
      // The folder is read-only or full: the next run starts without a cache, too.
    }
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (name.startsWith(PREFIX) && Date.now() - statSync(file).mtimeMs > MAX_AGE_MS) rmSync(file);
  }
}
