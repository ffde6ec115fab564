/**
 * Decides: how the benchmark counts the gateway's calls to organisations' objects, and asks an object directly:
 * the deployable Worker with one namespace wrapped, and two addresses in front of its own.
 * Never: changes what the gateway does.
 */
import worker, {
  CanaryObject,
  FlightObject,
  OrganisationObject as Organisation,
  SemanticIndexObject,
  TargetObject,
} from "../../src/index.ts";
import type { AdmitCall, EndCall } from "../../src/platform/objects/organisation-calls.ts";

export { CanaryObject, FlightObject, SemanticIndexObject, TargetObject };

/** The queue takes all that it is told, and nobody writes it into a database beside what is measured. */
const takesAll = { sendBatch: async () => undefined } as unknown as Env["USAGE"];

export class OrganisationObject extends Organisation {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, { ...env, USAGE: takesAll });
  }
}

type Namespace = Env["ORGANISATION"];
type Stub = ReturnType<Namespace["get"]>;
type Call = (...args: unknown[]) => Promise<unknown>;

const counts = new Map<string, number>();
let lastAdmit: { readonly call: AdmitCall; readonly object: string } | undefined;
let lastEnd: EndCall | undefined;

const note = (stub: Stub, method: string, args: readonly unknown[]): void => {
  counts.set(method, (counts.get(method) ?? 0) + 1);
  if (method === "admit") lastAdmit = { call: args[0] as AdmitCall, object: String(stub.id) };
  const ends = method === "end" ? args[0] : method === "admit" ? args[1] : [];
  lastEnd = (ends as EndCall[])[0] ?? lastEnd;
};

const counted = (stub: Stub): Stub =>
  new Proxy(stub, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as Call;
      return (...args: unknown[]) => {
        note(stub, String(name), args);
        return Reflect.apply(call, target, args);
      };
    },
  });

const wrapped = (namespace: Namespace): Namespace =>
  new Proxy(namespace, {
    get: (target, name) => {
      if (name === "get")
        return (...args: Parameters<Namespace["get"]>) => counted(target.get(...args));
      return (Reflect.get(target, name) as Call).bind(target);
    },
  });

/** What the last request was admitted with, again and again under new ids; each is ended as the last one was. */
const admissions = async (
  namespace: Namespace,
  count: number,
  width: number,
  ending: boolean,
): Promise<Response> => {
  if (lastAdmit === undefined || lastEnd === undefined) throw new Error("nothing was admitted yet");
  const { call, object } = lastAdmit;
  const stub = namespace.get(namespace.idFromString(object));
  const end = lastEnd;
  const row = JSON.parse(call.facts) as EndCall["row"];
  let left = count;
  let admitted = 0;
  const asker = async (): Promise<void> => {
    while (left-- > 0) {
      const id = `req_bench_${crypto.randomUUID()}`;
      const facts = JSON.stringify({ ...row, request_id: id });
      const admission = { ...call.admission, id, deadline: Date.now() + 60_000 };
      const answer = await stub.admit({ ...call, admission, facts }, []);
      if (answer.ok) admitted += 1;
      const ended = { ...end, id, drawn: undefined, row: { ...end.row, request_id: id } };
      if (ending) await stub.end([ended]);
    }
  };
  await Promise.all(Array.from({ length: width }, asker));
  return Response.json({ admitted });
};

let env: Env | undefined;

const counting = {
  ...worker,
  fetch: (request, given) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/bench/calls") {
      const told = Object.fromEntries(counts);
      counts.clear();
      return Response.json(told);
    }
    if (pathname === "/bench/admissions") {
      const [count, width] = [Number(searchParams.get("count")), Number(searchParams.get("width"))];
      return admissions(given.ORGANISATION, count, width, searchParams.has("ending"));
    }
    env ??= { ...given, ORGANISATION: wrapped(given.ORGANISATION) };
    return worker.fetch(request, env);
  },
} satisfies ExportedHandler<Env>;

// biome-ignore lint/style/noDefaultExport: the Workers runtime takes the handlers from the default export.
export default counting;
