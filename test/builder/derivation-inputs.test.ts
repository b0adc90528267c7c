import fc from "fast-check";
import { expect, test } from "vitest";
import { inputsOf } from "../../src/builder/derivation-inputs.ts";

const name = fc.stringMatching(/^[a-z0-9]{32}-[-+._?=A-Za-z0-9]{1,20}$/);
const path = name.map((each) => `/nix/store/${each}`);
/** Strings in the form of a derivation. */
const text = fc.string().map((each) => JSON.stringify(each));

const list = (items: string[]) => `[${items.join(",")}]`;

test("the inputs of a derivation are read, whatever text its strings contain", () => {
  const inputs = fc.array(fc.tuple(path, fc.array(fc.constantFrom("out", "dev", "lib"))));
  const sources = fc.array(path);
  fc.assert(
    fc.property(inputs, sources, fc.array(path), fc.array(text), (built, copied, outputs, strings) => {
      const derivation = [
        list(outputs.map((each) => `("out","${each}","","")`)),
        list(built.map(([each, names]) => `("${each}.drv",${list(names.map((output) => `"${output}"`))})`)),
        list(copied.map((each) => `"${each}"`)),
        '"x86_64-linux","/bin/sh"',
        list(strings),
        list(strings.map((each) => `("name",${each})`)),
      ];
      const expected = [...built.map(([each]) => `${each}.drv`), ...copied].toSorted();
      expect(inputsOf("test.drv", `Derive(${derivation.join(",")})`)).toEqual(expected);
    }),
  );
});

test("a text in another form is refused", () => {
  expect(() => inputsOf("/nix/store/x.drv", "DrvWithVersion(")).toThrow("is not in the form of a derivation");
});
