import { describe, expect, it } from "vitest";
import { checkBaseUrl, checkUpstreamUrl } from "../../../src/domain/config/base-url.ts";

const deployed = { allowPrivate: false };
const local = { allowPrivate: true };

describe("a base_url of a deployed gateway", () => {
  it.each([
    ["https://api.openai.com/v1", "https://api.openai.com/v1"],
    ["https://api.openai.com/v1/", "https://api.openai.com/v1"],
    ["https://api.anthropic.com", "https://api.anthropic.com"],
    ["HTTPS://API.OpenAI.com:443/v1", "https://api.openai.com/v1"],
    ["https://x.openai.azure.com/openai/v1", "https://x.openai.azure.com/openai/v1"],
    ["https://xn--bcher-kva.example.com/a-b_c.d", "https://xn--bcher-kva.example.com/a-b_c.d"],
  ])("%s is taken as %s", (text, normal) => {
    expect(checkBaseUrl(text, deployed)).toEqual({ ok: true, value: normal });
  });

  it.each([
    // Not https, or no URL at all.
    "http://api.example.com",
    "ftp://api.example.com",
    "file:///etc/passwd",
    "data:text/plain,x",
    "//api.example.com",
    "api.example.com",
    "https:api.example.com",
    "https:///api.example.com",
    "",
    // Other ports.
    "https://api.example.com:80",
    "https://api.example.com:8443/v1",
    // Users, fragments, queries.
    "https://user@api.example.com",
    "https://user:pw@api.example.com",
    "https://@api.example.com",
    "https://:@api.example.com",
    "https://api.openai.com@evil.example.com",
    "https://evil.example.com#.openai.azure.com",
    "https://evil.example.com/#",
    "https://api.example.com/v1?x=1",
    "https://api.example.com/v1?",
    // IPv4 in every spelling that a parser knows.
    "https://kubernetes.default.svc",
    "https://models.service.consul",
    "https://127.0.0.1",
    "https://127.1",
    "https://0x7f.1",
    "https://0x7f000001",
    "https://2130706433",
    "https://0177.0.0.1",
    "https://017700000001",
    "https://127.0.0.1.",
    "https://8.8.8.8",
    "https://10.0.0.1",
    "https://169.254.169.254/latest",
    "https://0.0.0.0",
    "https://0",
    "https://①②⑦.⓪.⓪.①",
    "https://１２７.0.0.1",
    "https://127。0。0。1",
    // IPv6, mapped, compressed, with a zone.
    "https://[::1]",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[2001:4860:4860::8888]",
    "https://[fe80::1%25eth0]",
    "https://[64:ff9b::7f00:1]",
    // Names inside a network.
    "https://localhost",
    "https://LOCALHOST/v1",
    "https://localhost.",
    "https://a.localhost",
    "https://intranet",
    "https://gateway.local",
    "https://db.internal",
    "https://metadata.google.internal",
    "https://metadata.google.internal.",
    "https://metadata.azure.com",
    "https://instance-data.example.com",
    "https://1.0.0.127.in-addr.arpa",
    "https://kubernetes.default.svc.cluster.local",
    "https://router.lan",
    "https://127.0.0.1.nip.io",
    "https://localtest.me",
    "https://app.lvh.me",
    // Names that are none.
    "https://api.example.com.",
    "https://api..example.com",
    "https://-api.example.com",
    "https://api.example.123",
    "https://a_b.example.com",
    "https://ap%69.example.com",
    // Characters that parsers drop or turn.
    "https://api.example.com\\v1",
    "https:\\\\api.example.com",
    "https://api.example.com/v1\n",
    "https://api.exam\tple.com",
    " https://api.example.com",
    "https://api.example.com/a b",
    "https://bücher.example.com",
    // Paths that are not plain.
    "https://api.example.com/v1/../admin",
    "https://api.example.com/./v1",
    "https://api.example.com//v1",
    "https://api.example.com/v1/%2e%2e/x",
    "https://api.example.com/v1;x",
    "https://api.example.com/{model}",
  ])("%j is refused", (text) => {
    expect(checkBaseUrl(text, deployed).ok).toBe(false);
  });

  it("that is refused says why in one sentence that does not repeat it", () => {
    const result = checkBaseUrl("https://secret-host.internal", deployed);
    expect(result).toEqual({ ok: false, error: "the host is internal" });
  });
});

describe("where private upstreams are allowed", () => {
  it.each([
    ["http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"],
    ["http://localhost:8000/v1/", "http://localhost:8000/v1"],
    ["http://vllm:8000", "http://vllm:8000"],
    ["http://[::1]:9000", "http://[::1]:9000"],
    ["http://[fd00::5]:9000/v1", "http://[fd00::5]:9000/v1"],
    ["https://192.168.1.5:8443", "https://192.168.1.5:8443"],
    ["https://api.openai.com/v1", "https://api.openai.com/v1"],
  ])("%s is taken", (text, normal) => {
    expect(checkBaseUrl(text, local)).toEqual({ ok: true, value: normal });
  });

  it.each([
    "http://169.254.169.254",
    "http://0xa9fea9fe",
    "http://0.0.0.0:8000",
    "http://255.255.255.255",
    "http://metadata.google.internal",
    "http://metadata",
    "http://[::ffff:169.254.169.254]",
    "http://[fe80::1]",
    "http://[::]",
    "http://u:p@127.0.0.1",
    "http://127.0.0.1/#x",
    "http://127.0.0.1/?x",
    "file:///etc/passwd",
    "ws://127.0.0.1",
  ])("%s is refused all the same", (text) => {
    expect(checkBaseUrl(text, local).ok).toBe(false);
  });
});

describe("an address at dispatch", () => {
  it("may have a query and any path", () => {
    const url =
      "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse";
    const checked = checkUpstreamUrl(url, deployed);
    expect(checked.ok && checked.value.href).toBe(url);
  });

  it.each([
    "http://api.example.com/v1",
    "https://10.0.0.1/v1?x=1",
    "https://localhost./v1",
    "https://api.example.com:8080/v1",
    "https://u@api.example.com/v1?x=1",
    "https://api.example.com/v1#x",
  ])("%s is refused again", (text) => {
    expect(checkUpstreamUrl(text, deployed).ok).toBe(false);
  });
});
