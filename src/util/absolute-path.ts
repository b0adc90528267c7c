/** Computes with absolute POSIX paths as texts, without Node.js, since descriptions are also checked in browsers. */

/** The absolute path that `path` means in an absolute folder: without `.`, `..`, repeated slashes or a slash at the end. */
export function resolveIn(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : folder}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The folder that contains an absolute path. */
export function folderOf(path: string): string {
  return resolveIn(path, "..");
}

/** The relative path that leads from an absolute folder to an absolute path; empty if they are the same. */
export function relativeTo(folder: string, path: string): string {
  const [from, to] = [folder, path].map((each) => each.split("/").filter((part) => part !== "")) as [
    string[],
    string[],
  ];
  const differs = to.findIndex((part, i) => part !== from[i]);
  const common = differs < 0 ? Math.min(from.length, to.length) : differs;
  return [...from.slice(common).map(() => ".."), ...to.slice(common)].join("/");
}
