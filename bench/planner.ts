/**
 * The planner as a command for other trace harnesses: reads a build as JSON, and prints its layers. With --lock, the
 * content of imgc.lock is printed as `state`, and read from `prev.state` at the next build.
 */
import { text } from "node:stream/consumers";
import * as z from "zod/mini";
import { imgc, imgcWithLock } from "./layers/imgc.ts";

const Request = z.object({
  maxLayers: z.number(),
  closure: z.array(z.object({ path: z.string(), name: z.string(), size: z.number(), refs: z.array(z.string()) })),
  prev: z.optional(z.nullable(z.object({ layers: z.array(z.array(z.string())), state: z.unknown() }))),
});

const { maxLayers, closure, prev } = Request.parse(JSON.parse(await text(process.stdin)));
const planner = process.argv.includes("--lock") ? imgcWithLock : imgc;
const { layers, state } = planner({
  maxLayers,
  closure: closure.map(({ path, name, size, refs }) => ({
    path,
    name,
    content: path,
    size,
    packed: size,
    references: refs,
    changes: undefined,
  })),
  previous: prev ? { layers: prev.layers, state: prev.state } : null,
});
process.stdout.write(JSON.stringify({ layers, state }));
