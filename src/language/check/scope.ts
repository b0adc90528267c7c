/** The context in which values of a file are read: resolves names and paths, and reports diagnostics. */
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { resolveIn } from "../../util/absolute-path.ts";
import { synonymsIn } from "../schema/synonyms.ts";
import { replacement } from "../types/scalar.ts";
import type { Scope } from "../types/type.ts";
import { lookUp, lookUpImage, similarName, type Binding, type Module, type Session, type Host } from "./module.ts";

/** The largest depth of bindings that refer to bindings: reading a value recurses once for each. */
const MAX_DEPTH = 200;

/** The scope of a file's values. `cyclic`: bindings in cycles, which are reported already and have no value. */
export function scopeOf(module: Module, host: Host, session: Session, cyclic: ReadonlySet<Binding>, depth = 0): Scope {
  const { directory } = module;
  const scope: Scope = {
    file: module.source.path,
    directory,
    absolute: (path) => resolveIn(directory, path),
    exists: (path) => host.exists(path),
    real: (path) => host.realPath?.(path) ?? path,
    synonyms: synonymsIn,
    hasImage: (name) => lookUpImage(module, name) !== undefined,
    argument: (param) => session.arguments.get(param) ?? null,
    report(code, span, parameters, extra) {
      session.diagnostics.push(diagnostic(code, { file: module.source.path, span }, parameters, extra));
    },
    follow(name, span) {
      if (session.budget <= 0 || depth > MAX_DEPTH) {
        if (!session.exhausted) scope.report("too-large", span, {});
        session.exhausted = true;
        return undefined;
      }
      session.budget -= 1;
      const binding = lookUp(module, name);
      if (binding === undefined) {
        // A binding's value is read at each use, but its errors are reported once.
        const place = `${module.source.path}:${span.start}`;
        if (session.unknown.has(place)) return undefined;
        session.unknown.add(place);
        const suggestion = similarName(module, "bindings", name, session);
        // The suggested binding is probably used here, so it must not be reported as unused.
        const suggested = suggestion === undefined ? undefined : lookUp(module, suggestion);
        if (suggested !== undefined) suggested.used = true;
        const fix = suggestion === undefined ? undefined : replacement(scope, span, `$${suggestion}`);
        scope.report("unknown-binding", span, { name, suggestion }, { fix });
        return undefined;
      }
      binding.used = true;
      if (binding.meaning === undefined || cyclic.has(binding)) return undefined;
      if (binding.meaning.kind === "param") return { kind: "param", param: binding.meaning.param };
      const home = scopeOf(binding.module, host, session, cyclic, depth + 1);
      return { kind: "term", term: binding.meaning.term, scope: home };
    },
  };
  return scope;
}
