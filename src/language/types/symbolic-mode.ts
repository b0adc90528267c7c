/** Modes in the notation of `chmod`, such as `u+x` and `a+rx,o-w`, which the language does not have. */

const CLAUSE = "[ugoa]*[+=-][rwxXst]+";
/** Bare letters count as well, but nine letters are a mode as `ls` prints it. */
const SYMBOLIC = `(?![rwxst-]{9})(?:[rwxXst]+|${CLAUSE}(?:,${CLAUSE})*)`;

const WHOLE = new RegExp(`^${SYMBOLIC}$`);
const AT_OFFSET = new RegExp(`(?<=\\s)${SYMBOLIC}(?=[\\s}#]|$)`, "y");

export function isSymbolic(text: string): boolean {
  return WHOLE.test(text);
}

/** The symbolic mode at an offset of a file; undefined if there is none. */
export function symbolicAt(text: string, offset: number): string | undefined {
  AT_OFFSET.lastIndex = offset;
  return AT_OFFSET.exec(text)?.[0];
}

const USERS: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, X: 0o111, s: 0o6000, t: 0o1000 };

/** The octal mode that `chmod` gives to a usual file: one of mode 0644, or 0755 if a special bit is set. */
export function octalOf(symbolic: string): string {
  let mode = /[st]/.test(symbolic) ? 0o755 : 0o644;
  for (const clause of symbolic.split(",")) {
    const [, users = "", sign = "", letters = ""] = /^([ugoa]*)([+=-]?)(.*)$/.exec(clause) ?? [];
    // Without users, `chmod` changes all of them, but leaves the bits of the umask, which is usually 022.
    const changed = users === "" ? 0o7755 : allBits(users, USERS);
    const bits = allBits(letters, BITS) & (letters.includes("t") ? changed | 0o1000 : changed);
    if (sign === "=") mode = (mode & ~changed) | bits;
    else mode = sign === "-" ? mode & ~bits : mode | bits;
  }
  return `0${mode.toString(8).padStart(3, "0")}`;
}

function allBits(letters: string, values: Readonly<Record<string, number>>): number {
  return Array.from(letters, (letter) => values[letter] ?? 0).reduce((all, bits) => all | bits, 0);
}
