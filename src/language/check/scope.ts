// What a file's values may ask: what a name means, where a path leads, where to report.
import { dirname, resolve } from "node:path";
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { replacement } from "../schema/choice.ts";
import type { Scope } from "../schema/type.ts";
import type { Host } from "./check.ts";
import { lookUp, visible, type Binding, type Module, type Session } from "./module.ts";

/** The scope of a file's values. `cyclic` bindings have been reported and mean nothing. */
export function scopeOf(module: Module, host: Host, session: Session, cyclic: ReadonlySet<Binding>): Scope {
  const directory = dirname(resolve(module.source.path));
  const scope: Scope = {
    file: module.source.path,
    directory,
    absolute: (path) => resolve(directory, path),
    exists: (path) => host.exists(path),
    report(code, span, parameters, extra) {
      session.diagnostics.push(diagnostic(code, { file: module.source.path, span }, parameters, extra));
    },
    follow(name, span) {
      const binding = lookUp(module, name);
      if (binding === undefined) {
        const names = visible(module).flatMap((each) => [...each.bindings.keys()]);
        const suggestion = suggest(name, names);
        const fix = suggestion === undefined ? undefined : replacement(scope, span, `$${suggestion}`);
        scope.report("unknown-binding", span, { name, suggestion }, { fix });
        return undefined;
      }
      binding.used = true;
      if (binding.meaning === undefined || cyclic.has(binding)) return undefined;
      if (session.budget <= 0) {
        if (session.budget === 0) scope.report("too-large", span, {});
        session.budget = -1;
        return undefined;
      }
      session.budget -= 1;
      if (binding.meaning.kind === "param") return { kind: "param", param: binding.meaning.param };
      const home = binding.module === module ? scope : scopeOf(binding.module, host, session, cyclic);
      return { kind: "term", term: binding.meaning.term, scope: home };
    },
  };
  return scope;
}
