/**
 * Decides: how the gateway is served by two isolates that share their storage and their objects, as two machines of
 * one deployment do; the second counts its calls of objects and can be cut off from them.
 * Never: replaces a part of the gateway.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { bundle, PROJECT } from "./bundle.ts";
import { administration, type Gateway, migrate, workerOptions } from "./gateway.ts";

const HOST = "127.0.0.1";
const [OWNER, GUEST] = ["owner", "guest"] as const;

export type TwoIsolates = Pick<
  Gateway,
  "url" | "makeOrg" | "makeKey" | "putConfig" | "admin" | "adminJson"
> & {
  /** The second isolate. */
  readonly other: string;
  readonly logs: readonly string[];
  /** How often the second has called objects, by the names of their methods. */
  calls(): Promise<Readonly<Record<string, number>>>;
  /** From now on nothing that the second says reaches an object, and it hears of none. */
  cut(): Promise<void>;
  dispose(): Promise<void>;
};

export const startTwoIsolates = async (
  secrets: Readonly<Record<string, string>>,
): Promise<TwoIsolates> => {
  const options = await workerOptions({ secrets });
  const { queueConsumers, durableObjects = {}, ...shared } = options;
  const contents = await readFile(join(PROJECT, "test/support/severed-worker.js"));
  const entry = {
    type: "ESModule",
    path: "severed.js",
    contents: new Uint8Array(contents),
  } as const;
  const elsewhere = Object.fromEntries(
    Object.entries(durableObjects).map(([name, object]) => {
      const { className } = object as { className: string };
      return [name, { className, scriptName: OWNER }];
    }),
  );
  const logs: string[] = [];
  const socket = { host: HOST, port: 0 };
  const sockets = { unsafeDirectSockets: [socket] };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...socket,
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }: { readonly message: string }) => logs.push(message),
      workers: [
        {
          ...shared,
          ...sockets,
          ...(queueConsumers && { queueConsumers }),
          ...{ name: OWNER, durableObjects },
        },
        {
          ...shared,
          ...sockets,
          ...{
            name: GUEST,
            modules: [entry, ...(await bundle()).modules],
            durableObjects: elsewhere,
          },
        },
      ],
    }),
  );
  await miniflare.ready;
  await migrate({ miniflare });
  const at = async (name: string): Promise<string> =>
    (await miniflare.unsafeGetDirectURL(name)).href.replace(/\/$/, "");
  const [url, other] = [await at(OWNER), await at(GUEST)];
  return {
    ...{ url, other, logs },
    ...administration(url),
    calls: async () =>
      (await (await fetch(`${other}/test/calls`)).json()) as Record<string, number>,
    cut: async () => void (await fetch(`${other}/test/cut`)),
    dispose: () => miniflare.dispose(),
  };
};
