// The OCI image config.
import { block } from "./block.ts";
import { record } from "./entries.ts";
import { list } from "./list.ts";
import { amount, durationUnit, integerUnit, port } from "./number.ts";
import { required, setting } from "./setting.ts";
import { plain, text } from "./text.ts";
import type { Text } from "./values.ts";

const healthcheckSettings = {
  test: required(list(text, "strings"), {
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
  env: setting(record(text), {} as Record<string, Text>, {
    doc: "Environment variables.",
    example: 'env { LANG "C.UTF-8" }',
  }),
  user: setting(text, null, { doc: "Who runs it: a name or an id.", example: 'user "api"' }),
  workdir: setting(text, null, { doc: "Where it is run.", example: 'workdir "/app"' }),
  expose: setting(list(port, "ports"), [], { doc: "Ports it listens on.", example: "expose [ 8080/tcp ]" }),
  volumes: setting(list(plain, "strings"), [], { doc: "Paths for volumes.", example: 'volumes [ "/data" ]' }),
  labels: setting(record(text), {} as Record<string, Text>, {
    doc: "Labels of the config.",
    example: 'labels { "org.example.team" "shop" }',
  }),
  stopSignal: setting(text, null, { doc: "The signal that ends it.", example: 'stop-signal "SIGTERM"' }),
  healthcheck: setting(block(healthcheckSettings), null, {
    doc: "How to see that it works.",
    example: 'healthcheck { test [ "CMD" "/bin/api" "--check" ] interval 30s }',
  }),
  shell: setting(list(text, "strings"), null, {
    doc: "The shell of `CMD-SHELL`.",
    example: 'shell [ "/bin/sh" "-c" ]',
  }),
};
