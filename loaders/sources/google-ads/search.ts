import type { z } from "zod";
import type { SourceContext } from "../../core/define-source.ts";
import { createHttp, type Http } from "../../core/http.ts";
import { ExpiredTokenError, judgeSearch, judgeToken } from "./errors.ts";
import { type GoogleAdsConfig, searchPage, tokenBody } from "./schema.ts";

/** The version of the Google Ads API. */
export const GOOGLE_ADS_VERSION = "v26";

const TOKEN_MS = 5 * 60_000;

/** The search of one account, with an access token that is renewed when it is over. */
export interface Search {
  http(deadlineMs: number): Http;
  /** One page of a query. @throws AuthError when a new access token is refused, too */
  page(
    http: Http,
    query: string,
    pageToken: string | undefined,
  ): Promise<z.infer<typeof searchPage>>;
}

export function createSearch(config: GoogleAdsConfig, context: SourceContext): Search {
  const { customerId, loginCustomerId, developerToken } = config;
  const tokens = createTokens(config, context);
  const developer = developerToken && context.secret(developerToken.env);
  const headers = {
    ...(loginCustomerId && { "login-customer-id": loginCustomerId }),
    ...(developer && { "developer-token": developer }),
  };
  const path = `/${GOOGLE_ADS_VERSION}/customers/${customerId}/googleAds:search`;

  return {
    http: (deadlineMs) =>
      createHttp(
        {
          ...context,
          baseUrl: config.baseUrl,
          headers,
          secrets: tokens.secrets,
          judge: (response) => judgeSearch(response, config),
        },
        deadlineMs,
      ),
    async page(http, query, pageToken) {
      const ask = async (token: string) => {
        const { data } = await http.request({
          method: "POST",
          path,
          headers: { authorization: `Bearer ${token}` },
          json: { query, pageToken, searchSettings: { returnTotalResultsCount: true } },
          body: searchPage,
        });
        return data;
      };
      const token = await tokens.current();
      try {
        return await ask(token);
      } catch (error) {
        if (!(error instanceof ExpiredTokenError)) throw error;
        return ask(await tokens.current(token));
      }
    },
  };
}

/** The access token of a run, shared by all slices. */
interface Tokens {
  /** @param expired the token that was refused: another one is fetched, once for all who ask */
  current(expired?: string): Promise<string>;
  /** Everything that must not be shown, as far as it is known by now. */
  readonly secrets: readonly string[];
}

function createTokens(config: GoogleAdsConfig, context: SourceContext): Tokens {
  const client_id = context.secret(config.clientId.env);
  const client_secret = context.secret(config.clientSecret.env);
  const refresh_token = context.secret(config.refreshToken.env);
  const secrets = [client_secret, refresh_token];
  let token: Promise<string> | undefined;

  async function fetchToken(): Promise<string> {
    const http = createHttp(
      {
        ...context,
        baseUrl: config.oauthBaseUrl,
        headers: {},
        secrets,
        judge: (response) => judgeToken(response, config),
      },
      TOKEN_MS,
    );
    const form = { grant_type: "refresh_token", client_id, client_secret, refresh_token };
    const { data } = await http.request({ method: "POST", path: "/token", form, body: tokenBody });
    secrets.push(data.access_token);
    return data.access_token;
  }

  return {
    secrets,
    async current(expired) {
      const known = token;
      if (known !== undefined && expired !== undefined && (await known) === expired) {
        if (token === known) token = undefined;
      }
      token ??= fetchToken().catch((error: unknown) => {
        token = undefined;
        throw error;
      });
      return token;
    },
  };
}
