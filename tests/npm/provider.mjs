// A certified OpenID Connect provider on loopback, for the tests of single sign-on.
//
//   node provider.mjs REDIRECT_URI...     prints its issuer, then serves until it is ended
//
// Besides those addresses it leads back to the server's page on any port of this machine.
// Whoever comes says on a form who they are, and how well that was shown (acr); the account's
// name is the employee number that the provider vouches for. POST /lie with a word lets the
// next answers be false in one way, signed with the right key all the same.

import http from "node:http";

import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const MFA = "https://refeds.org/profile/mfa";
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: "k1", use: "sig", alg: "RS256" };

let lie = "";
const server = http.createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "nyckelfri",
      client_secret: "not a real secret",
      redirect_uris: process.argv.slice(2),
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  jwks: { keys: [jwk] },
  acrValues: [MFA],
  claims: { acr: null, openid: ["sub", "employee_number"] },
  cookies: { keys: ["tests"] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  ttl: { Session: 600, Interaction: 600, Grant: 600, AuthorizationCode: 60, AccessToken: 60, IdToken: 60 },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `sub-${id}`, employee_number: id }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});

const registered = provider.Client.prototype.redirectUriAllowed;
provider.Client.prototype.redirectUriAllowed = function allowed(uri) {
  const here = /^http:\/\/(127\.0\.0\.1|localhost):\d+\/logga-in\/kommunen\/svar\/$/;
  return here.test(uri) || registered.call(this, uri);
};

async function form(ctx) {
  let text = "";
  for await (const part of ctx.req) text += part;
  return new URLSearchParams(text);
}

async function signedAgain(token) {
  const said = decodeJwt(token);
  const now = Math.floor(Date.now() / 1000);
  if (lie === "audience") said.aud = "somebody-else";
  if (lie === "token issuer") said.iss = "https://elsewhere.example";
  if (lie === "expired") Object.assign(said, { iat: now - 600, exp: now - 300 });
  const key = lie === "signature" ? stranger.privateKey : privateKey;
  if (lie === "no signature") {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none", kid: "k1" })}.${part(said)}.`;
  }
  return new SignJWT(said).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(key);
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/lie" && ctx.method === "POST") {
    lie = (await form(ctx)).get("what") ?? "";
    ctx.body = "";
    return;
  }
  const uid = ctx.path.match(/^\/interaction\/([^/]+)$/)?.[1];
  if (uid && ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = `<!doctype html><html lang="en"><title>Provider</title><form method="post">
      <label>Name <input name="login"></label> <label>How <input name="acr"></label>
      <button name="answer" value="yes">Go on</button> <button name="answer" value="no">No</button></form>`;
    return;
  }
  if (uid) {
    const said = await form(ctx);
    const result = said.get("answer") === "no"
      ? { error: "access_denied", error_description: "The person said no" }
      : { login: { accountId: said.get("login"), acr: said.get("acr") || undefined } };
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
    ctx.respond = false;
    return;
  }
  await next();
  if (ctx.path === "/token" && ctx.body?.id_token) {
    if (lie === "nothing") ctx.body = { access_token: ctx.body.access_token, token_type: "Bearer" };
    else ctx.body = { ...ctx.body, id_token: await signedAgain(ctx.body.id_token) };
  }
  if (ctx.path === "/me" && lie === "person") ctx.body = { ...ctx.body, sub: "sub-somebody-else" };
  if (ctx.path.endsWith("/openid-configuration") && lie === "issuer") {
    ctx.body = { ...ctx.body, issuer: "https://elsewhere.example" };
  }
});

server.on("request", provider.callback());
console.log(issuer);
