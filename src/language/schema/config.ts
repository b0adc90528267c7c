/** The settings of the OCI image config. */
import { suggest } from "../../diagnostics/suggest.ts";
import { writeString } from "../syntax/string.ts";
import { plainText, type Term } from "../syntax/tree.ts";
import { block } from "../types/block.ts";
import { alternatives } from "../../diagnostics/entries/entry.ts";
import { record } from "../types/entries.ts";
import { env, type EnvSpec } from "./env.ts";
import { placeOfVolume, reportImagePath } from "./files.ts";
import { list } from "../types/list.ts";
import { amount, durationUnit, integerUnit, port } from "../types/number.ts";
import { checked, replacement } from "../types/scalar.ts";
import { required, setting } from "../types/setting.ts";
import { knownText, refined, text } from "../types/text.ts";
import type { Scope } from "../types/type.ts";
import type { Text } from "../types/values.ts";

function requireAbsolute(path: string | undefined, term: Term, scope: Scope): void {
  if (path !== undefined && !path.startsWith("/")) reportImagePath(path, term, scope);
}
const ABSOLUTE = "starts with `/`";

const absoluteText = checked(
  text,
  (value, term, scope) => requireAbsolute(knownText(value, scope), term, scope),
  ABSOLUTE,
);
const volumePath = refined(
  "a string",
  (path, term, scope) => {
    if (!path.startsWith("/") || placeOfVolume(path) !== undefined) reportImagePath(path, term, scope);
  },
  [ABSOLUTE, "not `HOST:CONTAINER` or `PATH:OPTIONS`, as in Compose"],
);

/** The possible first words of a health check. */
const HEALTH_CHECKS = ["CMD", "CMD-SHELL", "NONE"];
const strings = list(text, "strings");
const healthTest: typeof strings = {
  ...strings,
  rules: [`the first value is ${alternatives(HEALTH_CHECKS)}`],
  listFor: (content) => (HEALTH_CHECKS.includes(content) ? undefined : `[ ${withKind(content)} ]`),
  read(cursor, scope) {
    const term = cursor.next;
    const span = term?.span ?? cursor.end;
    const value = strings.read(cursor, scope);
    const [kind] = value ?? [];
    // Items with errors are missing in `value`, so its first element need not be the first item of the list.
    const isWhole = term?.kind !== "list" || term.items.length === value?.length;
    if (isWhole && typeof kind === "string" && !HEALTH_CHECKS.includes(kind)) {
      const expected = `${alternatives(HEALTH_CHECKS)} as the first word`;
      const suggestion = suggest(kind, HEALTH_CHECKS);
      const first = term?.kind === "list" ? term.items[0] : undefined;
      const written = suggestion === undefined ? withKind(kind) : writeString(suggestion);
      const isPlain = first !== undefined && plainText(first) === kind;
      const fix = isPlain ? replacement(scope, first.span, written) : undefined;
      scope.report("unknown-word", isPlain ? first.span : span, { input: kind, expected, suggestion }, { fix });
    }
    return value;
  },
};

/** The items for a command: its kind, which is `CMD-SHELL` for a line of a shell, and the command without that word. */
function withKind(line: string): string {
  const command = line.replace(/^CMD(?:-SHELL)?\s+/, "");
  return `${writeString(/\s/.test(command) ? "CMD-SHELL" : "CMD")} ${writeString(command)}`;
}

/** Linux signals, as container engines accept them: with or without `SIG`, or by number. */
const SIGNALS = (
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS TERM " +
  "TRAP TSTP TTIN TTOU UNUSED URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
).split(" ");
const HIGHEST_SIGNAL = 64;

const signal = checked(
  text,
  (value, term, scope) => {
    const input = knownText(value, scope);
    if (input === undefined || isSignal(input)) return;
    const names = SIGNALS.map((name) => `SIG${name}`);
    const suggestion = suggest(input, names) ?? suggest(`SIG${input}`, names);
    const fix = suggestion === undefined ? undefined : replacement(scope, term.span, `"${suggestion}"`);
    scope.report("bad-signal", term.span, { input, suggestion }, { fix });
  },
  `a signal of Linux, with or without \`SIG\`, or a number from 1 to ${HIGHEST_SIGNAL}`,
);

function isSignal(input: string): boolean {
  if (/^\d{1,2}$/.test(input)) return Number(input) >= 1 && Number(input) <= HIGHEST_SIGNAL;
  const name = input.toUpperCase().replace(/^SIG/, "");
  return SIGNALS.includes(name) || /^(?:RTMIN\+([1-9]|1[0-5])|RTMAX-([1-9]|1[0-4]))$/.test(name);
}

const healthcheckSettings = {
  test: required(healthTest, {
    doc: "The command, after `CMD` or `CMD-SHELL`; or `NONE`.",
    example: 'test [ "CMD" "/bin/api" "--check" ]',
  }),
  interval: setting(amount(durationUnit), null, { doc: "The time between two checks.", example: "interval 30s" }),
  timeout: setting(amount(durationUnit), null, {
    doc: "The longest time that a check may take.",
    example: "timeout 3s",
  }),
  startPeriod: setting(amount(durationUnit), null, {
    doc: "The time for starting up, in which failures do not count.",
    example: "start-period 10s",
  }),
  retries: setting(amount(integerUnit), null, {
    doc: "The number of failures in a row that make the container unhealthy.",
    example: "retries 3",
  }),
};

export const configSettings = {
  entrypoint: setting(list(text, "strings"), null, {
    doc: "The program that a container runs, with its first arguments.",
    example: 'entrypoint [ "/bin/api" ]',
  }),
  cmd: setting(list(text, "strings"), null, {
    doc: "Further arguments, which the caller can replace.",
    example: 'cmd [ "--serve" ]',
  }),
  env: setting(env, {} as Record<string, EnvSpec>, {
    doc: "Environment variables. `prepend` and `append` extend the base's value, with `:` in between. If the base sets no `PATH`, they extend the default one of runtimes: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`.",
    example: 'env { LANG "C.UTF-8" PATH prepend "/app/bin" }',
  }),
  user: setting(text, null, {
    doc: "The user of the container: a name or an id, or with a group `user:group`. A name is replaced by its ids in `/etc/passwd`, as Kubernetes needs them for `runAsNonRoot`: user and group, or only the user if it has further groups.",
    example: 'user "1000:1000"',
  }),
  workdir: setting(absoluteText, null, { doc: "The working directory.", example: 'workdir "/app"' }),
  expose: setting(list(port, "ports"), [], {
    doc: "Ports on which the program listens.",
    example: "expose [ 8080/tcp ]",
  }),
  volumes: setting(list(volumePath, "strings"), [], {
    doc: "Paths where volumes are mounted.",
    example: 'volumes [ "/data" ]',
  }),
  labels: setting(record(text), {} as Record<string, Text>, {
    doc: "Labels of the image config.",
    example: 'labels { "org.example.team" "shop" }',
  }),
  stopSignal: setting(signal, null, { doc: "The signal that stops the container.", example: 'stop-signal "SIGTERM"' }),
  healthcheck: setting(block(healthcheckSettings), null, {
    doc: "A command that checks whether the container works. podman keeps it only with `manifest docker`.",
    example: 'healthcheck { test [ "CMD" "/bin/api" "--check" ] interval 30s }',
  }),
  shell: setting(list(text, "strings"), null, {
    doc: "The shell that runs `CMD-SHELL` commands.",
    example: 'shell [ "/bin/sh" "-c" ]',
  }),
};
