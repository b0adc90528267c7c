import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { ClientGone, SendTimeout } from "../../src/serve/send-timeout.ts";

/** A response to a slow client. */
class Slow extends EventEmitter {
  writableNeedDrain = true;
  writableFinished = false;
  destroyed = false;
}

const timeoutWith = (stall: number) => {
  const response = new Slow();
  return { response, timeout: new SendTimeout(response as unknown as ServerResponse, stall) };
};

test("a slow client that reads enough never times out", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  /** Reads these bytes in each ten seconds, for 200 seconds. */
  const read = async (bytes: number) => {
    const { response, timeout } = timeoutWith(60_000);
    for (let i = 0; i < 20; i++) {
      const drained = sleep(3).then(() => response.emit("drain"));
      const room = timeout.room();
      // The time-out may come before the drain, while nobody waits for `room`.
      room.catch(() => {});
      now += 10_000;
      await Promise.all([room, drained]);
      timeout.regain(bytes);
    }
  };
  await expect(read(10 * (32 << 10))).resolves.toBeUndefined();
  await expect(read(1)).rejects.toBeInstanceOf(ClientGone);
});

test("a client that reads very little times out; a disconnect ends the wait at once", async () => {
  const { response, timeout } = timeoutWith(50);
  const trickle = async () => {
    for (;;) {
      const room = timeout.room();
      void sleep(5).then(() => response.emit("drain"));
      await room;
      timeout.regain(1);
    }
  };
  await expect(trickle()).rejects.toBeInstanceOf(ClientGone);

  const other = timeoutWith(60_000);
  const room = other.timeout.room();
  other.response.destroyed = true;
  other.response.emit("close");
  await expect(room).rejects.toBeInstanceOf(ClientGone);
});
