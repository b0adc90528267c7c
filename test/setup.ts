// Property tests try the same cases at every run, so that a failure is of the change at hand; SEED=random tries new ones.
import fc from "fast-check";
import { afterAll } from "vitest";
import { removeLeftovers } from "./e2e/tools.ts";

const wanted = process.env["SEED"] ?? "1";
fc.configureGlobal(wanted === "random" ? {} : { seed: Number(wanted) });

afterAll(removeLeftovers);
