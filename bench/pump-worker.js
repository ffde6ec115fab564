// The least that JavaScript between a caller and a provider can do: every byte passes through its hands.
const pump = async (body, writer) => {
  const reader = body.getReader({ mode: "byob" });
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(16_384));
    if (done) return writer.close();
    await writer.write(value);
  }
};

const worker = {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const { body, headers } = await fetch(new Request(env.UPSTREAM + pathname, request));
    const { readable, writable } = new IdentityTransformStream();
    ctx.waitUntil(pump(body, writable.getWriter()));
    return new Response(readable, { headers: { "content-type": headers.get("content-type") } });
  },
};
export default worker;
