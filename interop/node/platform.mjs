// The platform's own generated messages, which @opentdf/client brings along, and access tokens.
import { register } from 'node:module';
import { ScalarType, Value, proto3 } from '@bufbuild/protobuf';
import dpop from 'dpop';

// The messages were generated for bundlers, which need no endings of files.
const loader = `export async function resolve(name, context, next) {
  return next(/_(pb|connect)$/.test(name) ? name + '.js' : name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(loader)}`);
const generated = (path) => import(new URL(`./node_modules/@opentdf/client/src/platform/${path}_connect.js`, import.meta.url));
const { AccessService: access } = await generated('kas/kas');
export const { AttributesService } = await generated('policy/attributes/attributes');
export const { KeyAccessServerRegistryService } = await generated('policy/kasregistry/key_access_server_registry');
export const { WellKnownService } = await generated('wellknownconfiguration/wellknown_configuration');

// Answers of today have one result for each key, which these messages do not know yet.
const text = (no, name) => ({ no, name, kind: 'scalar', T: ScalarType.STRING });
const KeyAccessRewrapResult = proto3.makeMessageType('kas.KeyAccessRewrapResult', () => [
  { no: 1, name: 'metadata', kind: 'map', K: ScalarType.STRING, V: { kind: 'message', T: Value } },
  text(2, 'key_access_object_id'),
  text(3, 'status'),
  { no: 4, name: 'kas_wrapped_key', kind: 'scalar', T: ScalarType.BYTES },
  text(5, 'error'),
]);
const PolicyRewrapResult = proto3.makeMessageType('kas.PolicyRewrapResult', () => [
  text(1, 'policy_id'),
  { no: 2, name: 'results', kind: 'message', T: KeyAccessRewrapResult, repeated: true },
]);
const RewrapResponse = proto3.makeMessageType('kas.RewrapResponse', () => [
  text(3, 'session_public_key'),
  { no: 5, name: 'responses', kind: 'message', T: PolicyRewrapResult, repeated: true },
]);
const rewrap = { ...access.methods.rewrap, O: RewrapResponse };
export const AccessService = { ...access, methods: { ...access.methods, rewrap } };

/** A token of a client, bound to `keys` where there are any. */
export async function token(issuer, client, secret, keys) {
  const url = `${issuer}/protocol/openid-connect/token`;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: client, client_secret: secret });
  const headers = keys ? { DPoP: await dpop(keys, url, 'POST') } : {};
  const given = await (await fetch(url, { method: 'POST', headers, body })).json();
  if (!given.access_token) throw new Error(`no token: ${JSON.stringify(given)}`);
  return given.access_token;
}

/** Puts the token into each call, and a proof for its path alone, as an SDK does that says Bearer of all its tokens. */
export const authorized = (token, keys) => (next) => async (request) => {
  request.header.set('Authorization', `Bearer ${token}`);
  if (keys) request.header.set('DPoP', await dpop(keys, new URL(request.url).pathname, 'POST', undefined, token));
  return next(request);
};
