/**
 * Decides: nothing: the gateway in a second isolate, which counts its calls of objects and can be cut off from them.
 * Never: changes what the gateway does before that.
 */
import worker from "./index.js";

const counts = {};
let isCut = false;

const countedStub = (stub) =>
  new Proxy(stub, {
    get:
      (target, name) =>
      (...args) => {
        counts[name] = (counts[name] ?? 0) + 1;
        if (isCut) return Promise.reject(new Error("cut off"));
        return target[name](...args);
      },
  });

const countedNamespace = (namespace) =>
  new Proxy(namespace, {
    get: (target, name) =>
      name === "get" || name === "getByName"
        ? (...args) => countedStub(target[name](...args))
        : target[name].bind(target),
  });

let env;
const severed = {
  fetch(request, given) {
    const { pathname } = new URL(request.url);
    if (pathname === "/test/cut") isCut = true;
    if (pathname.startsWith("/test/")) return Response.json(counts);
    env ??= {
      ...given,
      ORGANISATION: countedNamespace(given.ORGANISATION),
      FLIGHT: countedNamespace(given.FLIGHT),
    };
    return worker.fetch(request, env);
  },
};
// biome-ignore lint/style/noDefaultExport: the Workers runtime takes the handlers from the default export.
export default severed;
