import { describe, expect, it } from "vitest";
import { createFramer, decodeFrame, type Frame, frameData } from "../../src/base/sse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (frame: Frame | undefined) => new TextDecoder().decode(frame?.bytes);
const texts = (frames: readonly Frame[]) => frames.map(text);

describe("framing", () => {
  it("returns a frame within one chunk as a view of it", () => {
    const chunk = bytes("data: a\n\ndata: b\n\n");
    const frames = createFramer().push(chunk);
    expect(texts(frames)).toEqual(["data: a\n\n", "data: b\n\n"]);
    expect(frames.every((frame) => frame.bytes.buffer === chunk.buffer)).toBe(true);
  });

  it("gives a frame as soon as its blank line is there, without waiting for the next chunk", () => {
    for (const end of ["\n\n", "\r\n\r\n", "\r\r"]) {
      expect(createFramer().push(bytes(`data: a${end}`))).toHaveLength(1);
    }
  });

  it("waits for the LF of a CRLF that is cut in two", () => {
    const framer = createFramer();
    expect(framer.push(bytes("data: a\r\n\r"))).toEqual([]);
    expect(texts(framer.push(bytes("\ndata: b\r\n\r\n")))).toEqual([
      "data: a\r\n\r\n",
      "data: b\r\n\r\n",
    ]);
  });

  it("hands out what was not completed at the end", () => {
    const framer = createFramer();
    framer.push(bytes("data: a\n\n"));
    expect(framer.finish()).toBeUndefined();
    framer.push(bytes('{"error":'));
    framer.push(bytes('{"code":503}}\n'));
    expect(new TextDecoder().decode(framer.finish())).toBe('{"error":{"code":503}}\n');
  });

  it("takes an event of 8 MiB and gives it whole", () => {
    const data = "x".repeat(8 * 1024 * 1024);
    const framer = createFramer();
    const event = bytes(`data: ${data}\n\n`);
    const frames: Frame[] = [];
    for (let at = 0; at < event.length; at += 16_384) {
      frames.push(...framer.push(event.subarray(at, at + 16_384)));
    }
    expect(frames).toHaveLength(1);
    expect(decodeFrame(frames[0] as Frame)?.data).toBe(data);
  });

  it.each([
    ["one endless event", "data: xxxxxxxxxx"],
    ["a flood of comments", ": ping\n"],
  ])("stops at the cap for %s and stays stopped", (_, piece) => {
    const framer = createFramer({ maxBytes: 64 });
    for (let count = 0; count < 20; count++) framer.push(bytes(piece));
    expect(framer.overflow).toBe(true);
    expect(framer.finish()).toBeUndefined();
    expect(framer.push(bytes("\n\ndata: a\n\n"))).toEqual([]);
  });

  it("returns the frames before the one that is over the cap", () => {
    const framer = createFramer({ maxBytes: 12 });
    expect(texts(framer.push(bytes("data: a\n\ndata: much too long\n\n")))).toEqual([
      "data: a\n\n",
    ]);
    expect(framer.overflow).toBe(true);
  });
});

describe("what a frame says", () => {
  const only = (stream: string) => createFramer().push(bytes(stream))[0] as Frame;

  it.each([
    ["data: a\n\n", { event: "", data: "a" }],
    ["data:a\n\n", { event: "", data: "a" }],
    ["data:  a\n\n", { event: "", data: " a" }],
    ["data\n\n", { event: "", data: "" }],
    ["data: a\r\n\r\n", { event: "", data: "a" }],
    ["data: a\rdata: b\r\r", { event: "", data: "a\nb" }],
    ["event: ping\ndata: {}\n\n", { event: "ping", data: "{}" }],
    [": note\nid: 1\nretry: 5\nother: x\ndata: a\n\n", { event: "", data: "a" }],
    ["\ufeffdata: a\n\n", { event: "", data: "a" }],
    [": only a comment\n\n", undefined],
    ["event: ping\n\n", undefined],
    ["\n", undefined],
  ])("%j", (stream, event) => expect(decodeFrame(only(stream))).toEqual(event));

  it.each(["xata", "dxta", "daxa", "datx", "datas"])(
    "reads no data from a field called %s",
    (name) => {
      expect(decodeFrame(only(`${name}: a\n\n`))).toBeUndefined();
    },
  );

  it("takes a byte order mark away at the start of the stream only", () => {
    const frames = createFramer().push(bytes("\ufeffdata: 1\n\n\ufeffdata: 2\n\n"));
    expect(frames.map(decodeFrame)).toEqual([{ event: "", data: "1" }, undefined]);
  });

  it("reads bytes that are not UTF-8 as U+FFFD", () => {
    const stream = new Uint8Array([...bytes("data: a"), 0xff, 0xc3, ...bytes("\n\n")]);
    const frame = createFramer().push(stream)[0] as Frame;
    expect(decodeFrame(frame)?.data).toBe("a\ufffd\ufffd");
  });

  it("has a shortcut for the plain frame, which leaves every other frame alone", () => {
    expect(frameData(only("data: é\n\n"))).toBe("é");
    expect(frameData(only("data: é\r\n\r\n"))).toBe("é");
    expect(frameData(only("event: x\ndata: a\n\n"))).toBeUndefined();
    expect(frameData(only("data: a\ndata: b\n\n"))).toBeUndefined();
    expect(frameData(only("data: a\rdata: b\r\n\r\n"))).toBeUndefined();
  });
});
