import { expect, test } from "vitest";
import { formOf } from "../../src/app/sharing.ts";
import { check } from "../../src/language/index.ts";
import { hostOf } from "../language/host.ts";

test("an image without a user of its own has the store owner of its base", () => {
  const text = `
    image "base" { nix { user "ci" } users { ci { uid 1000 gid 1000 } } }
    image "up" { base image "base" }
    image "further" { base image "up" nix { } }
    image "root" { base image "base" nix { user "root" } }
    image "plain" { }`;
  const { spec } = check({ path: "/a.imgspec", text }, hostOf());
  const images = spec?.images ?? [];
  const [base, up, further, root, plain] = images.map((image) => formOf(image, images));
  expect(base).not.toBe(plain);
  expect([up, further, root]).toEqual([base, base, plain]);
});
