// A certified OpenID provider as an identity provider outside, over TLS: client credentials, tokens bound to a key by DPoP.
//
// usage: provider.mjs PORT CERTIFICATE.pem KEY.pem AUDIENCE CLIENT=PERSON=ALGORITHM...
//
// It signs by fresh keys and says in one line that it listens. Each client's secret is its name, twice.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { Provider } from 'oidc-provider';

const [port, certificate, key, audience, ...wanted] = process.argv.slice(2);
const clients = new Map(wanted.map((one) => one.split('=')).map(([client, person, algorithm]) => [client, { person, algorithm }]));
const jwk = (alg, kind, options) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(),
  use: 'sig',
  alg,
});
const keys = [
  jwk('RS256', 'rsa', { modulusLength: 2048 }),
  jwk('PS256', 'rsa', { modulusLength: 2048 }),
  jwk('ES256', 'ec', { namedCurve: 'P-256' }),
];
const issuer = `https://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  jwks: { keys },
  clients: [...clients.keys()].map((name) => ({
    client_id: name,
    client_secret: name + name,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_post',
  })),
  features: {
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, _resource, client) => ({
        scope: '',
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: clients.get(client.clientId).algorithm } },
      }),
    },
  },
  extraTokenClaims: (_context, token) => ({ person: clients.get(token.clientId).person }),
  // The client in JavaScript proves a key of RSA.
  enabledJWA: { dPoPSigningAlgValues: ['ES256', 'RS256'] },
  // Where the clients of OpenTDF look for tokens, whatever a provider says.
  routes: { token: '/protocol/openid-connect/token' },
});
createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, provider.callback()).listen(
  Number(port),
  '127.0.0.1',
  () => console.log(JSON.stringify({ ready: issuer }))
);
