// Signs a person on with openid-client as its users do, playing the browser itself; prints one JSON document of what happened.
import * as client from "openid-client";

const given = JSON.parse(process.argv[2]);

class Browser {
  #cookies = new Map();

  async go(url, { method = "GET", form } = {}) {
    const answer = await fetch(url, {
      method,
      redirect: "manual",
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      body: form ? new URLSearchParams(form) : undefined,
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      if (/max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}

function formOf(page) {
  const unescape = (text) =>
    text.replace(/&quot;/g, '"').replace(/&#x27;/g, "'").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return Object.fromEntries(hidden.map(([, name, value]) => [unescape(name), unescape(value)]));
}

async function authorize(config, browser, wishes = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirectUri,
    scope: "openid",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...wishes,
  });
  let answer = await browser.go(url);
  if (answer.status === 200) {
    const form = { ...formOf(await answer.text()), login: given.login, password: given.password };
    answer = await browser.go(url.origin + url.pathname, { method: "POST", form });
  }
  const callback = new URL(answer.headers.get("location"));
  return [callback, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }];
}

const execute = [client.allowInsecureRequests]; // loopback without TLS
const config = await client.discovery(new URL(given.issuer), given.clientId, given.clientSecret, undefined, { execute });
const browser = new Browser();
const [callback, checks] = await authorize(config, browser);
const tokens = await client.authorizationCodeGrant(config, callback, { ...checks, idTokenExpected: true });
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);

let reuse = "taken";
try {
  await client.refreshTokenGrant(config, tokens.refresh_token);
} catch (error) {
  reuse = error.error;
}
let afterReuse = "taken";
try {
  await client.refreshTokenGrant(config, refreshed.refresh_token);
} catch (error) {
  afterReuse = error.error;
}

const [again, otherChecks] = await authorize(config, browser); // signed on already: no page is shown
let wrongVerifier = "taken";
try {
  await client.authorizationCodeGrant(config, again, { ...otherChecks, pkceCodeVerifier: client.randomPKCECodeVerifier() });
} catch (error) {
  wrongVerifier = error.error;
}

const prompted = { prompt: "none" };
const silent = (await authorize(config, browser, prompted))[0].searchParams.has("code");
const signOff = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: given.signedOffUri, state: "s" });
const signedOffTo = (await browser.go(signOff)).headers.get("location");
const afterSignOff = (await authorize(config, browser, prompted))[0].searchParams.get("error");

console.log(JSON.stringify({ claims, userinfo, refreshed: Boolean(refreshed.access_token), reuse, afterReuse, wrongVerifier, silent, signedOffTo, afterSignOff }));
