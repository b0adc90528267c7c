/** Words of Dockerfile instructions: quotes, escapes and variables (Dockerfile reference, "Environment replacement"). */

/** Looks up a variable. Returns undefined for a variable that the base may set. */
export type Lookup = (name: string) => string | undefined;

export interface Expanded {
  text: string;
  /** Variables whose value is unknown. They are replaced by the empty string. */
  unknown: string[];
}

const VARIABLE = /^\$(?:\{(\w+)(?:(:?[-+])((?:[^{}]|\{[^{}]*\})*))?\}|(\w+))/;

/** Removes quotes and escapes, and replaces variables. */
export function expand(raw: string, lookup: Lookup, escape = "\\"): Expanded {
  const unknown: string[] = [];
  let text = "";
  let quote = "";
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i] as string;
    const variable = quote === "'" ? null : VARIABLE.exec(raw.slice(i));
    if (variable !== null) {
      text += valueOf(variable);
      i += variable[0].length - 1;
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === escape && quote !== "'" && i + 1 < raw.length) {
      i++;
      const next = raw[i] as string;
      text += quote === '"' && !['"', "$", escape].includes(next) ? escape + next : next;
    } else text += character;
  }
  return { text, unknown };

  function valueOf([, braced, operator, argument = "", bare]: RegExpExecArray): string {
    const name = braced ?? bare ?? "";
    const value = lookup(name);
    const isSet = value !== undefined && (operator?.startsWith(":") !== true || value !== "");
    const alternative = () => {
      const expanded = expand(argument, lookup, escape);
      unknown.push(...expanded.unknown);
      return expanded.text;
    };
    if (operator?.endsWith("-") === true) return isSet ? value : alternative();
    if (operator?.endsWith("+") === true) return isSet ? alternative() : "";
    if (value === undefined) unknown.push(name);
    return value ?? "";
  }
}

/** Splits at spaces outside of quotes; quotes and escapes stay. */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|'[^']*'|[^\s"'\\]|["'\\])+/g) ?? [];
}

/** Joins continued lines and drops comments between them. */
export function logicalLine(raw: string, escape = "\\"): string {
  const lines = raw.split(/\r?\n/).filter((line, i) => i === 0 || !/^\s*#/.test(line));
  const isContinued = (text: string) => text.trimEnd().endsWith(escape);
  return lines
    .reduce((text, line) => (isContinued(text) ? text.trimEnd().slice(0, -1) + line : `${text}\n${line}`))
    .trim();
}
