// A certified OpenID provider for a test. It knows everybody, by any name and any password.
//
//   node provider.mjs CONFIG.json
//
// CONFIG: {redirect_uri, client_secret, integrator_keys: {keys: […]}, announce, tls: {key, cert} (absent: plain HTTP on
// loopback)}. Writes {"issuer": …} to the file `announce` and says "listening". Then does what it is asked for:
//   POST /-/rotate     signs with a new key; the one before is still published
//   POST /-/withdraw   publishes the newest key alone
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { Provider } from "oidc-provider";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.warn = console.info = () => {}; // its advice for production

let made = 0;
function newKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  made += 1;
  return { ...privateKey.export({ format: "jwk" }), kid: `key-${made}`, use: "sig", alg: "ES256" };
}

// What an access token is for, and how long it lives: "urn:holdfast:westmoor", "urn:holdfast:westmoor:60".
function resourceOf(resource) {
  const seconds = Number(/:(\d+)$/.exec(resource)?.[1] ?? 600);
  return {
    scope: "read", audience: resource.replace(/:\d+$/, ""), accessTokenFormat: "jwt", accessTokenTTL: seconds,
    jwt: { sign: { alg: "ES256" } },
  };
}

let keys = [newKey()];
let answer;
function publish(issuer) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [
      { client_id: "console", client_secret: config.client_secret, redirect_uris: [config.redirect_uri],
        grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] },
      { client_id: "integrator", token_endpoint_auth_method: "private_key_jwt", jwks: config.integrator_keys,
        token_endpoint_auth_signing_alg: "ES256", grant_types: ["client_credentials"], response_types: [], redirect_uris: [] },
    ],
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `The person ${id}` }) }),
    conformIdTokenClaims: false,
    claims: { openid: ["sub", "name"] },
    scopes: ["openid", "offline_access", "read"],
    cookies: { keys: ["a key of this test"] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true, getResourceServerInfo: (_, resource) => resourceOf(resource), useGrantedResource: () => true,
        defaultResource: (_, __, asked) => asked,
      },
    },
    pkce: { required: () => true },
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    ttl: { RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600 },
  });
  answer = provider.callback();
}

let issuer;
function serve(request, response) {
  if (!request.url.startsWith("/-/")) return answer(request, response);
  if (request.url === "/-/rotate") keys = [newKey(), ...keys];
  if (request.url === "/-/withdraw") keys = keys.slice(0, 1);
  publish(issuer);
  return response.end();
}

const server = config.tls
  ? https.createServer({ key: readFileSync(config.tls.key), cert: readFileSync(config.tls.cert) }, serve)
  : http.createServer(serve);
server.listen(0, "127.0.0.1", () => {
  issuer = `${config.tls ? "https" : "http"}://127.0.0.1:${server.address().port}`;
  publish(issuer);
  writeFileSync(config.announce, JSON.stringify({ issuer }));
  process.stdout.write("listening\n");
});
