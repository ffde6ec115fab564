// The least of a gateway that reads what it hands on: request and answer in whole, parsed, under headers of its own.
const decoder = new TextDecoder();

const worker = {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const body = decoder.decode(await request.arrayBuffer());
    JSON.parse(body);
    const leaving = new AbortController();
    const headers = { "content-type": "application/json", authorization: "Bearer sk-bench" };
    const asked = { method: "POST", headers, body, redirect: "manual", signal: leaving.signal };
    const answer = await fetch(env.UPSTREAM + pathname, asked);
    const text = await answer.text();
    JSON.parse(text);
    return new Response(text, { headers: { "content-type": "application/json" } });
  },
};
export default worker;
