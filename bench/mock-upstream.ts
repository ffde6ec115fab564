/**
 * Decides: what the benchmark's upstream answers: prepared bytes, chosen by the model's name, over a bare socket,
 * so that it costs next to nothing beside what is measured.
 * Never: checks anything. Runs as a process of its own; tells its port through IPC.
 *
 * Models: `whole` · `burst-N` (N events at once, each a chunk) · `batch-N-K` (N events at once, K in a
 * chunk, as servers that buffer send them) · `paced-N-MS` (one event each MS) · `event-BYTES` (one event of
 * that size) · `open` (five events, then silence).
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { messageReader } from "./http-messages.ts";
import { type Prepared, prepared } from "./mock-answers.ts";

const HEAD_OK = "HTTP/1.1 200 OK\r\n";
const MODEL = /"model": ?"([^"]+)"/;

const answer = (socket: Socket, path: string, body: string): void => {
  const model = MODEL.exec(body)?.[1] ?? "whole";
  const { whole, opening, events, closing }: Prepared = prepared(path, model);
  if (whole !== undefined) {
    socket.write(whole);
    return;
  }
  socket.write(`${HEAD_OK}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n`);
  const [kind = "", , pace = "0"] = model.split("-");
  if (kind === "paced") {
    pacedWrite(socket, [opening, ...events, closing], Number(pace));
    return;
  }
  // One write an event: what arrives is cut as a provider cuts it, not as one block.
  for (const event of [opening, ...events]) socket.write(event);
  if (kind !== "open") socket.write(closing);
};

const pacedWrite = (socket: Socket, writes: readonly Buffer[], ms: number): void => {
  let next = 0;
  const timer = setInterval(() => {
    const bytes = writes[next];
    next += 1;
    if (bytes === undefined || socket.destroyed) clearInterval(timer);
    else socket.write(bytes);
  }, ms);
};

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let path = "";
  let body = "";
  const read = messageReader({
    onHead: (head) => {
      path = head.split(" ", 2)[1] ?? "";
      body = "";
    },
    onBody: (piece) => {
      // The model's name stands in the first bytes of every request of the benchmark.
      if (body.length < 4096) body += piece.toString("latin1", 0, 4096);
    },
    onEnd: () => answer(socket, path, body),
  });
  socket.on("data", read);
});

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
// Prepares what is large before anybody measures.
for (const size of ["4000000", "8000000"]) prepared("/v1/chat/completions", `event-${size}`);
