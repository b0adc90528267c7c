import { expect, test } from "vitest";
import { hasPackageSet, imageName } from "../../src/init/project.ts";
import { setEnvironment } from "../fake-tool.ts";

test("an image's name is made from the folder's", () => {
  expect(imageName("/home/ann/My Shop_2")).toBe("my-shop-2");
  expect(imageName("/home/ann/Über Café")).toBe("uber-cafe");
  expect(imageName("/home/ann/…")).toBe("app");
});

test("Nix has a package set if NIX_PATH names one", () => {
  setEnvironment({ NIX_PATH: "nixpkgs=/x" });
  expect(hasPackageSet()).toBe(true);
  setEnvironment({ NIX_PATH: "" });
  expect(hasPackageSet()).toBe(false);
});
