/**
 * Decides: which addresses the gateway may call, at configuration time and again at dispatch.
 * Never: resolves a name. What a name resolves to is the runtime's to guard (security.md, SSRF).
 */
import { err, ok, type Result } from "../../base/result.ts";

export type AddressRules = {
  /** ALLOW_PRIVATE_UPSTREAMS: http, any port, loopback and private addresses. For local use only. */
  readonly allowPrivate: boolean;
};

const PORTS: ReadonlySet<string> = new Set(["", "443"]);

// Names that mean something inside a network and nothing, or something else, outside it.
const INTERNAL_SUFFIXES = [
  "local",
  "localhost",
  "localdomain",
  "internal",
  "intranet",
  "private",
  "svc",
  "consul",
  "corp",
  "home",
  "lan",
  "arpa",
  "onion",
];
const METADATA_LABELS: ReadonlySet<string> = new Set(["metadata", "instance-data"]);
// Public names that spell any address one likes.
const WILDCARD_NAMES = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me"];

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const TOP_LEVEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

const endsIn = (host: string, suffix: string): boolean =>
  host === suffix || host.endsWith(`.${suffix}`);

/** Why a name or address may not be called from a deployed gateway; undefined where it may. */
function publicFault(host: string): string | undefined {
  if (host.startsWith("[") || IPV4.test(host)) return "must be a name, not an IP address";
  if (host.endsWith(".")) return "the host must not end in a dot";
  const labels = host.split(".");
  if (labels.length < 2) return "the host must be a public name with at least one dot";
  if (!labels.every((label) => LABEL.test(label))) return "the host is not a valid name";
  if (!TOP_LEVEL.test(labels.at(-1) ?? "")) return "must be a name, not an IP address";
  if (METADATA_LABELS.has(labels[0] ?? "")) return "the host is a metadata service";
  if (INTERNAL_SUFFIXES.some((suffix) => endsIn(host, suffix))) return "the host is internal";
  if (WILDCARD_NAMES.some((name) => endsIn(host, name))) return "the host can spell any address";
  return undefined;
}

/** What stays forbidden locally too: the metadata services of clouds, and addresses of no one host. */
function privateFault(host: string): string | undefined {
  const bare = host.replace(/\.$/, "");
  if (METADATA_LABELS.has(bare.split(".")[0] ?? "")) return "the host is a metadata service";
  if (IPV4.test(bare) && /^(?:0|169\.254|22[4-9]|2[3-5]\d)\./.test(bare)) {
    return "the address is link-local or belongs to no host";
  }
  // Loopback and unique local addresses; everything else in brackets may be one of the above in disguise.
  if (bare.startsWith("[") && !/^\[(?:::1\]|f[cd][0-9a-f]{2}:)/.test(bare)) {
    return "of IPv6 only [::1] and unique local addresses may be called";
  }
  return undefined;
}

/** Checks a whole address, query included, as it would be handed to fetch. */
export function checkUpstreamUrl(text: string, rules: AddressRules): Result<URL, string> {
  // The parser drops tabs, takes `\` for `/`, and maps other scripts' digits: none may come so far.
  if (!/^[\x21-\x7e]+$/.test(text) || text.includes("\\")) {
    return err("must not contain white space, backslashes or characters beyond ASCII");
  }
  const url = URL.parse(text);
  if (url === null || url.hostname === "") return err("must be an absolute URL");
  if (url.protocol !== "https:" && !(rules.allowPrivate && url.protocol === "http:")) {
    return err("must begin with https://");
  }
  if (url.username !== "" || url.password !== "" || authority(text).includes("@")) {
    return err("must not contain a user or a password");
  }
  if (text.includes("#")) return err("must not contain a fragment");
  const host = url.hostname.toLowerCase();
  const fault = rules.allowPrivate ? privateFault(host) : publicFault(host);
  if (fault !== undefined) return err(fault);
  if (!rules.allowPrivate && !PORTS.has(url.port)) return err("the port must be 443");
  return ok(url);
}

/** What stands between `//` and the path, as it was written. */
const authority = (text: string): string => text.split("://")[1]?.split(/[/?]/)[0] ?? "";

const BASE = /^https?:\/\/[A-Za-z0-9.:[\]-]+((?:\/[A-Za-z0-9._-]+)*)\/?$/i;

/**
 * Checks a provider's `base_url` and gives its normal form: lower-case host, no default port, no
 * slash at the end. The error is a sentence that says what is wrong.
 */
export function checkBaseUrl(text: string, rules: AddressRules): Result<string, string> {
  const checked = checkUpstreamUrl(text, rules);
  if (!checked.ok) return checked;
  const form = BASE.exec(text);
  if (form === null) return err("must be scheme, host and plain path, without a query");
  const path = form[1] ?? "";
  if (path.split("/").some((piece) => piece === "." || piece === "..")) {
    return err("the path must not contain . or .. segments");
  }
  return ok(`${checked.value.origin}${path}`);
}
