/**
 * Decides: how operators hear of what they have to act on: a log line always, and a signed POST to each webhook
 * of the configuration, tried a few times.
 * Never: holds up a request, tells the same thing over and over, or calls an address that the configuration
 * may not name.
 */
import { type Clock, sleep } from "../base/clock.ts";
import { logLine } from "../base/log-line.ts";
import { remember } from "../base/remember.ts";
import type { Secret } from "../base/secret.ts";
import type { Alert } from "../domain/alert.ts";
import { checkUpstreamUrl } from "../domain/config/base-url.ts";
import type { Alerts, Secrets, Settings } from "../ports.ts";
import { hex, hmac, hmacKey } from "./crypto.ts";

/** Milliseconds. The same alert is told once in so long. */
const QUIET_MS = 300_000;
/** Milliseconds until a webhook is given up, and before each further try. */
const TIMEOUT_MS = 5_000;
const PAUSES_MS = [1_000, 4_000];
const MOST_REMEMBERED = 1_000;

export type AlertParts = {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly allowPrivate: boolean;
  readonly background: (work: Promise<unknown>) => void;
};

const encoder = new TextEncoder();

/** `t=SECONDS,v1=HMAC-SHA-256 of "SECONDS.BODY"` in hexadecimal. */
export const signatureOf = async (
  secret: Secret,
  body: string,
  seconds: number,
): Promise<string> => {
  const key = await hmacKey(encoder.encode(secret.reveal()));
  return `t=${seconds},v1=${hex(await hmac(key, `${seconds}.${body}`))}`;
};

/** What makes two alerts the same; a request's own id does not. */
const nameOf = (alert: Alert): string => JSON.stringify({ ...alert, request_id: undefined });

export const createAlerts = (parts: AlertParts): Alerts => {
  const { settings, secrets, clock, allowPrivate, background } = parts;
  const told = new Map<string, number>();

  const isNews = (alert: Alert, now: number): boolean => {
    const name = nameOf(alert);
    const last = told.get(name);
    if (last !== undefined && now - last < QUIET_MS) return false;
    remember(told, name, now, MOST_REMEMBERED);
    return true;
  };

  /** Whether the webhook has taken it. */
  const post = async (url: string, secret: Secret, body: string): Promise<boolean> => {
    const abort = new AbortController();
    const cancel = clock.after(TIMEOUT_MS, () => abort.abort());
    try {
      const seconds = Math.floor(clock.now() / 1_000);
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-headgate-signature": await signatureOf(secret, body, seconds),
        },
        body,
        redirect: "manual",
        signal: abort.signal,
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    } finally {
      cancel();
    }
  };

  const deliver = async (alert: Alert, at: number): Promise<void> => {
    const { event, ...data } = alert;
    const { alerts } = (await settings.current()).config;
    const id = `alert_${crypto.randomUUID()}`;
    const body = JSON.stringify({ id, event, at: new Date(at).toISOString(), data });
    const tell = async (url: string, name: string): Promise<void> => {
      const secret = secrets.get(name);
      // An unsigned alert could be anybody's; the configuration's warnings name the missing secret.
      if (secret === undefined || !checkUpstreamUrl(url, { allowPrivate }).ok) return;
      if (await post(url, secret, body)) return;
      for (const ms of PAUSES_MS) {
        await sleep(clock, ms);
        if (await post(url, secret, body)) return;
      }
      console.log(logLine({ event: "alert_not_delivered", id, alert: event }));
    };
    await Promise.all((alerts?.webhooks ?? []).map(({ url, secret }) => tell(url, secret.secret)));
  };

  return {
    raise(alert) {
      const now = clock.now();
      if (!isNews(alert, now)) return;
      const { event, ...data } = alert;
      console.log(logLine({ event: "alert", alert: event, ...data }));
      background(deliver(alert, now).catch(() => undefined));
    },
  };
};
