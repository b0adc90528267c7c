/** Finds globs of `permissions` that can match no path of an image. */
/** The limit of alternatives that are examined. A glob with more alternatives is accepted. */
const MAX_ALTERNATIVES = 1000;

/**
 * The reason why a valid glob can match no path of an image, and a similar glob that can match, if there is one.
 * Undefined if the glob can match. `storeDir`: the folder whose names start with hashes.
 */
export function impossible(glob: string, storeDir: string): { reason: string; instead?: string } | undefined {
  const alternatives = alternativesOf(glob);
  if (alternatives === undefined) return undefined;
  const reasons = alternatives.map((each) => impossibleReason(each, storeDir));
  const [reason] = reasons;
  if (reason === undefined || reasons.includes(undefined)) return undefined;
  const instead = withHash(normal(glob), storeDir);
  const helps = instead !== glob && alternativesOf(instead)?.some((each) => !impossibleReason(each, storeDir));
  return helps === true ? { reason, instead } : { reason };
}

/**
 * Makes a glob absolute, and removes doubled slashes, a trailing slash and `.`. Adds no slash before braces, since
 * their alternatives may start with one.
 */
function normal(glob: string): string {
  const isRelative = !glob.startsWith("/") && !glob.startsWith("{");
  const text = `${isRelative ? "/" : ""}${glob}`.replaceAll(/(?:\/\.(?=\/|$))|\/(?=\/)/g, "");
  return text.length > 1 ? text.replace(/\/$/, "") : text;
}

function impossibleReason(glob: string, storeDir: string): string | undefined {
  if (glob === "/") return undefined;
  if (glob === "") return "it is empty";
  // `**/` also matches the empty text, so `**//a` can match `/a`.
  const [first = "", ...rest] = glob.replace(/^\*\*\/(?=\/)/, "").split("/");
  if (first !== "" && !first.startsWith("**") && !(first === "*" && rest.length > 0)) return "paths start with `/`";
  if (rest.includes("")) return "no path has `//` or ends in `/`";
  if (rest.some((part) => part === "." || part === "..")) return "no path has `.` or `..`";
  const depth = storeDir.split("/").length;
  const name = glob.startsWith(`${storeDir}/`) ? glob.split("/")[depth] : undefined;
  if (name === undefined || canBeStoreName(name)) return undefined;
  return `names in ${storeDir} start with a hash; write \`${withHash(glob, storeDir)}\``;
}

/** `/nix/store/*-hello` for `/nix/store/hello`: the star stands for the hash. */
function withHash(glob: string, storeDir: string): string {
  const [, name] = new RegExp(`^${storeDir}/([^/{]+)`).exec(glob) ?? [];
  if (name === undefined || canBeStoreName(name)) return glob;
  return `${storeDir}/*-${glob.slice(storeDir.length + 1)}`;
}

/** Whether the part before the first wildcard can start the name of a store path. */
function canBeStoreName(name: string): boolean {
  const start = /^[^*?[]*/.exec(name)?.[0] ?? "";
  const isHash = /^[0-9a-df-np-sv-z]*$/.test(start.slice(0, 32)) && ["", "-"].includes(start.slice(32, 33));
  return isHash && (start !== name || start.length > 33);
}

/** Globs without braces, one for each choice of alternatives; undefined if there are too many. */
function alternativesOf(glob: string): string[] | undefined {
  const letters = Array.from(glob);
  let at = 0;
  let isTooLong = false;

  function sequence(isInBraces: boolean): string[] {
    let all = [""];
    while (at < letters.length) {
      const letter = letters[at] as string;
      if (isInBraces && (letter === "," || letter === "}")) break;
      at += 1;
      if (letter === "{") all = joined(all, choices());
      else all = joined(all, [letter === "[" ? brackets() : letter]);
    }
    return all;
  }

  function choices(): string[] {
    const all: string[] = [];
    do {
      all.push(...sequence(true));
      at += 1;
    } while (letters[at - 1] === ",");
    return all;
  }

  /** The rest of a character class, whose first character may be a closing bracket. */
  function brackets(): string {
    const start = at;
    if (letters[at] === "!" || letters[at] === "^") at += 1;
    at += 1;
    while (at < letters.length && letters[at] !== "]") at += 1;
    at += 1;
    return `[${letters.slice(start, at).join("")}`;
  }

  function joined(starts: string[], ends: string[]): string[] {
    isTooLong ||= starts.length * ends.length > MAX_ALTERNATIVES;
    return isTooLong ? starts : starts.flatMap((start) => ends.map((end) => start + end));
  }

  const all = sequence(false);
  return isTooLong ? undefined : all;
}
