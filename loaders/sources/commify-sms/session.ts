import { AuthError } from "../../core/errors.ts";
import type { Http, HttpRequest } from "../../core/http.ts";
import { type CommifyConfig, loginBody } from "./schema.ts";

/** The path before every resource of the gateway. */
export const REST = "/API/v1.0/REST";

/** Requests in a session of the gateway. */
export interface Session {
  login(http: Http): Promise<void>;
  /** @throws AuthError when a new session does not help */
  request<T>(http: Http, request: HttpRequest<T>): Promise<T>;
}

/**
 * A login answers two keys as text, which go along as headers. A session ends after some idle minutes: a request that
 * is refused logs in once more.
 * @param secrets the keys are added, so that they are never shown
 */
export function createSession(config: CommifyConfig, password: string, secrets: string[]): Session {
  const basic = Buffer.from(`${config.user}:${password}`).toString("base64");
  secrets.push(password, basic);
  let keys: Readonly<Record<string, string>> | undefined;

  async function login(http: Http): Promise<void> {
    const { data } = await http.request({
      path: `${REST}/login`,
      headers: { authorization: `Basic ${basic}` },
      isText: true,
      body: loginBody,
    });
    const [user_key = "", Session_key = ""] = data.split(";");
    secrets.push(Session_key);
    keys = { user_key, Session_key };
  }

  async function send<T>(http: Http, request: HttpRequest<T>): Promise<T> {
    return (await http.request({ ...request, headers: keys ?? {} })).data;
  }

  return {
    login,
    async request(http, request) {
      if (keys === undefined) await login(http);
      try {
        return await send(http, request);
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        await login(http);
        return send(http, request);
      }
    },
  };
}

/** What the gateway's refusal of a credential or a session means. */
export function refusal(config: CommifyConfig, status: number): Error | undefined {
  if (status !== 401 && status !== 403) return undefined;
  return new AuthError(`${config.baseUrl}, user ${config.user}: HTTP ${status}`, {
    remedy: `correct the password in ${config.password.env}, or let the user read the API`,
  });
}
