/** Limits the open connections, in total and per client. */
import type { Server } from "node:http";
import { clientOf } from "./budget.ts";

const MOST = 512;
const MOST_OF_CLIENT = 256;

export function limitConnections(server: Server): void {
  server.maxConnections = MOST;
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const client = clientOf(socket.remoteAddress ?? "");
    const count = open.get(client) ?? 0;
    if (count >= MOST_OF_CLIENT) {
      socket.destroy();
      return;
    }
    open.set(client, count + 1);
    socket.once("close", () => {
      const left = (open.get(client) ?? 1) - 1;
      if (left === 0) open.delete(client);
      else open.set(client, left);
    });
  });
}
