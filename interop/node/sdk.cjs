// @opentdf/client as a client of a node's key access service, over TLS. NODE_EXTRA_CA_CERTS names the authority to trust.
//
// usage: sdk.cjs encrypt|decrypt URL CLIENT SECRET IN OUT [ATTRIBUTE...]
//
// It proves that it holds a key (DPoP) unless LEGACY is set. TOKENS is the issuer of its tokens where that is not the node.
'use strict';

const { readFileSync, writeFileSync } = require('node:fs');
// One of its dependencies looks for a page to run in, and at nothing else once it found this.
globalThis.window = { isSecureContext: true };
const { AuthProviders, TDF3Client } = require('@opentdf/client');
delete globalThis.window;
// What the service said last: where it denies, the client tells no more than that it has no key.
let said;
const told = (answer) => (said = answer?.data);
require('axios').default.interceptors.response.use(
  (answer) => (told(answer), answer),
  (error) => (told(error.response), Promise.reject(error))
);

const [verb, url, client, secret, source, target, ...attributes] = process.argv.slice(2);

async function main() {
  const authProvider = await AuthProviders.clientSecretAuthProvider({
    exchange: 'client',
    clientId: client,
    clientSecret: secret,
    oidcOrigin: process.env.TOKENS ?? `${url}/auth`,
  });
  // The provider takes no such setting from outside.
  authProvider.oidcAuth.config.dpopEnabled = !process.env.LEGACY;
  const sdk = new TDF3Client({ authProvider, kasEndpoint: `${url}/kas`, dpopEnabled: !process.env.LEGACY });
  // Tokens are bound to the client's own key, which is drawn meanwhile.
  await sdk.dpopKeys;
  const input = readFileSync(source);
  const stream =
    verb === 'encrypt'
      ? await sdk.encrypt({ offline: true, scope: { attributes, dissem: [] }, source: new Blob([input]).stream() })
      : await sdk.decrypt({ source: { type: 'buffer', location: new Uint8Array(input) } });
  writeFileSync(target, await stream.toBuffer());
}

main().catch((error) => {
  console.error(error.message, JSON.stringify(said));
  process.exit(1);
});
