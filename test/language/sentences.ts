/** Generates random valid texts from the forms of the types. */
import fc from "fast-check";
import { fileSettings } from "../../src/language/schema/file.ts";
import { read } from "../../src/language/syntax/read.ts";
import { plainText, type Term } from "../../src/language/syntax/tree.ts";
import { settingName } from "../../src/language/types/setting.ts";
import type { Inside, Form, Settings } from "../../src/language/types/type.ts";

type Text = fc.Arbitrary<string>;

const join = (parts: fc.Arbitrary<string>[], between = " "): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((all) => all.filter((text) => text !== "").join(between));

/** Texts of a form. `depth`: the limit of nested blocks. */
function sentence(form: Form, depth: number, between = " "): fc.Arbitrary<string> {
  switch (form.kind) {
    case "exact":
      return fc.constant(form.text);
    case "pattern":
      return fc.stringMatching(anchored(form.pattern));
    case "named":
      // Names of bindings differ from all references: otherwise the binding's type would have to match.
      if (form.name === "new-name") return sentence(form.form, depth).map((name) => `bound-${name}`);
      return isQuoted(form) ? quoted(form, depth) : sentence(form.form, depth);
    case "sequence":
      return form.parts.length === 0 ? fc.constant("") : join(form.parts.map((part) => sentence(part, depth)));
    case "choice":
      return fc.oneof(...form.options.map((option) => sentence(option, depth)));
    case "optional":
      return fc.oneof(fc.constant(""), sentence(form.part, depth));
    case "many":
      return fc.array(sentence(form.part, depth), { maxLength: 3 }).map((all) => all.join(between));
    case "block":
      return block(form.inside, depth - 1).map((inside) => `{ ${inside} }`);
  }
}

type Quoted = Form & { kind: "named"; form: Form & { kind: "sequence" } };

function isQuoted(form: Form & { kind: "named" }): form is Quoted {
  return /^(quoted|indented)-/.test(form.name) && form.form.kind === "sequence";
}

/** Joins the parts of a string without spaces. Drops texts in which two parts form one token, such as `$` and `{`. */
function quoted({ name, form }: Quoted, depth: number): fc.Arbitrary<string> {
  const [opening, inside, closing] = form.parts.map((part) => sentence(part, depth, "")) as [Text, Text, Text];
  return join([opening, inside, closing], "").filter((text) => {
    const { terms, diagnostics } = read({ path: "", text });
    const isOne = terms.length === 1 && terms[0]?.span.end === text.length && diagnostics.length === 0;
    return isOne && !(name.endsWith("-plain") && text.includes("${") && plainText(terms[0] as Term) === undefined);
  });
}

function anchored({ source }: RegExp): RegExp {
  return new RegExp(`^(?:${source.replace(/^\^|\$$/g, "")})$`);
}

function block(inside: Inside, depth: number): fc.Arbitrary<string> {
  if (inside.kind === "entries") {
    const entry = join([sentence(inside.key, depth), sentence(inside.value.form, depth)]);
    return fc.array(entry, { maxLength: depth > 0 ? 2 : 0 }).map((all) => all.join(" "));
  }
  return settings(inside.settings(), depth);
}

function settings(table: Settings, depth: number): fc.Arbitrary<string> {
  const all = Object.entries(table).map(([key, setting]) => ({ name: settingName(key, setting), setting }));
  const picked =
    depth > 0 ? fc.shuffledSubarray(all, { maxLength: Math.min(4, all.length) }) : fc.constant<typeof all>([]);
  return picked.chain((some) => {
    const missing = all.filter((each) => each.setting.required && !some.includes(each) && table !== fileSettings);
    return join(
      [...some, ...missing].map(({ name, setting }) =>
        sentence(setting.type.form, depth).map((text) => `${name} ${text}`),
      ),
      table === fileSettings ? "\n" : "\n ",
    );
  });
}

/** Whole files. */
export const fileTexts = settings(fileSettings, 4);
