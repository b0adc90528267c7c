// The OCI image config.
import { suggest } from "../../diagnostics/suggest.ts";
import type { Term } from "../syntax/tree.ts";
import { block } from "../types/block.ts";
import { alternatives } from "../../diagnostics/entries/entry.ts";
import { record } from "../types/entries.ts";
import { env, type EnvSpec } from "./env.ts";
import { list } from "../types/list.ts";
import { amount, durationUnit, integerUnit, port } from "../types/number.ts";
import { checked, replacement } from "../types/scalar.ts";
import { required, setting } from "../types/setting.ts";
import { knownText, refined, text } from "../types/text.ts";
import type { Scope } from "../types/type.ts";
import type { Text } from "../types/values.ts";

function requireAbsolute(path: string | undefined, term: Term, scope: Scope): void {
  if (path !== undefined && !path.startsWith("/")) scope.report("bad-image-path", term.span, { written: path });
}

const absoluteText = checked(text, (value, term, scope) => requireAbsolute(knownText(value, scope), term, scope));
const absolutePlain = refined("a string", requireAbsolute);

/** What the first word of a health check may be. */
const checks = ["CMD", "CMD-SHELL", "NONE"];
const strings = list(text, "strings");
const healthTest: typeof strings = {
  ...strings,
  read(cursor, scope) {
    const span = cursor.next?.span ?? cursor.end;
    const value = strings.read(cursor, scope);
    const [kind] = value ?? [];
    if (typeof kind === "string" && !checks.includes(kind)) {
      const expected = `${alternatives(checks)} as the first word`;
      scope.report("unknown-word", span, { written: kind, expected, suggestion: suggest(kind, checks) });
    }
    return value;
  },
};

/** Linux signals, as container engines accept them: with or without `SIG`, or by number. */
const SIGNALS = (
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS TERM " +
  "TRAP TSTP TTIN TTOU UNUSED URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
).split(" ");
const HIGHEST_SIGNAL = 64;

const signal = checked(text, (value, term, scope) => {
  const written = knownText(value, scope);
  if (written === undefined || isSignal(written)) return;
  const names = SIGNALS.map((name) => `SIG${name}`);
  const suggestion = suggest(written, names) ?? suggest(`SIG${written}`, names);
  const fix = suggestion === undefined ? undefined : replacement(scope, term.span, `"${suggestion}"`);
  scope.report("bad-signal", term.span, { written, suggestion }, { fix });
});

function isSignal(written: string): boolean {
  if (/^\d{1,2}$/.test(written)) return Number(written) >= 1 && Number(written) <= HIGHEST_SIGNAL;
  const name = written.toUpperCase().replace(/^SIG/, "");
  return SIGNALS.includes(name) || /^(?:RTMIN\+([1-9]|1[0-5])|RTMAX-([1-9]|1[0-4]))$/.test(name);
}

const healthcheckSettings = {
  test: required(healthTest, {
    doc: "The command; its first word is `CMD`, `CMD-SHELL` or `NONE`.",
    example: 'test [ "CMD" "/bin/api" "--check" ]',
  }),
  interval: setting(amount(durationUnit), null, { doc: "Time between two checks.", example: "interval 30s" }),
  timeout: setting(amount(durationUnit), null, { doc: "Time one check may take.", example: "timeout 3s" }),
  startPeriod: setting(amount(durationUnit), null, { doc: "Time to start up in.", example: "start-period 10s" }),
  retries: setting(amount(integerUnit), null, { doc: "Failures until it is unhealthy.", example: "retries 3" }),
};

export const configSettings = {
  entrypoint: setting(list(text, "strings"), null, { doc: "What is run.", example: 'entrypoint [ "/bin/api" ]' }),
  cmd: setting(list(text, "strings"), null, { doc: "Its arguments by default.", example: 'cmd [ "--serve" ]' }),
  env: setting(env, {} as Record<string, EnvSpec>, {
    doc: "Environment variables; `prepend` and `append` extend the base's value, with `:` between.",
    example: 'env { LANG "C.UTF-8" PATH prepend "/app/bin" }',
  }),
  user: setting(text, null, {
    doc: "The user of the container: a name or an id. A name is replaced by its ids in `/etc/passwd`, which Kubernetes needs for `runAsNonRoot`: user and group, or the user alone if it has further groups.",
    example: 'user "1000:1000"',
  }),
  workdir: setting(absoluteText, null, { doc: "Where it is run.", example: 'workdir "/app"' }),
  expose: setting(list(port, "ports"), [], { doc: "Ports it listens on.", example: "expose [ 8080/tcp ]" }),
  volumes: setting(list(absolutePlain, "strings"), [], { doc: "Paths for volumes.", example: 'volumes [ "/data" ]' }),
  labels: setting(record(text), {} as Record<string, Text>, {
    doc: "Labels of the config.",
    example: 'labels { "org.example.team" "shop" }',
  }),
  stopSignal: setting(signal, null, { doc: "The signal that stops the container.", example: 'stop-signal "SIGTERM"' }),
  healthcheck: setting(block(healthcheckSettings), null, {
    doc: "How to see that it works.",
    example: 'healthcheck { test [ "CMD" "/bin/api" "--check" ] interval 30s }',
  }),
  shell: setting(list(text, "strings"), null, {
    doc: "The shell of `CMD-SHELL`.",
    example: 'shell [ "/bin/sh" "-c" ]',
  }),
};
