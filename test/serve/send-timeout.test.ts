import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Gone, SendTimeout } from "../../src/serve/send-timeout.ts";

/** A response whose client takes what it is given after a while. */
class Slow extends EventEmitter {
  writableNeedDrain = true;
  writableFinished = false;
  destroyed = false;
}

const patienceWith = (stall: number) => {
  const response = new Slow();
  return { response, patience: new SendTimeout(response as unknown as ServerResponse, stall) };
};

test("who takes its time, and takes enough, is waited for again and again", async () => {
  const { response, patience } = patienceWith(60_000);
  for (let i = 0; i < 20; i++) {
    const room = patience.room();
    await sleep(3);
    response.emit("drain");
    await room;
    patience.regain(1);
  }
});

test("who takes next to nothing uses it up; who goes away ends it at once", async () => {
  const { response, patience } = patienceWith(50);
  const trickle = async () => {
    for (;;) {
      const room = patience.room();
      void sleep(5).then(() => response.emit("drain"));
      await room;
      patience.regain(1);
    }
  };
  await expect(trickle()).rejects.toBeInstanceOf(Gone);

  const other = patienceWith(60_000);
  const room = other.patience.room();
  other.response.destroyed = true;
  other.response.emit("close");
  await expect(room).rejects.toBeInstanceOf(Gone);
});
