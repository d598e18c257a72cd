// The Connect library that @opentdf/sdk calls a platform by: each list call and the configuration, in JSON and in protobuf, by GET
// and by POST, plain and gzip, over TLS. NODE_EXTRA_CA_CERTS names the authority to trust.
//
// usage: lists.mjs URL CLIENT SECRET
import assert from 'node:assert/strict';
import { Code, ConnectError, createPromiseClient } from '@connectrpc/connect';
import { compressionGzip, createConnectTransport } from '@connectrpc/connect-node';
import {
  AccessService,
  AttributesService,
  KeyAccessServerRegistryService,
  WellKnownService,
  authorized,
  token,
} from './platform.mjs';

const [url, client, secret] = process.argv.slice(2);
const interceptors = [authorized(await token(`${url}/auth`, client, secret))];
const FQNS = ['level/value/kor-ii', 'kind/value/humint', 'releasable-to/value/jpn', 'level/value/none'].map(
  (name) => `https://seoul.kor/attr/${name}`
);
const refused = async (call, code) =>
  assert.rejects(call, (error) => assert.equal(ConnectError.from(error).code, code, error.message) ?? true);
const answers = [];
for (const useBinaryFormat of [false, true]) {
  for (const useHttpGet of [false, true]) {
    for (const sendCompression of [undefined, compressionGzip]) {
      const options = { baseUrl: url, httpVersion: '1.1', useBinaryFormat, useHttpGet, sendCompression, compressMinBytes: 1 };
      const stranger = (service) => createPromiseClient(service, createConnectTransport(options));
      const known = (service) => createPromiseClient(service, createConnectTransport({ ...options, interceptors }));
      const { configuration } = await stranger(WellKnownService).getWellKnownConfiguration({});
      const key = await stranger(AccessService).publicKey({ algorithm: 'rsa:2048', v: '2' });
      const servers = await known(KeyAccessServerRegistryService).listKeyAccessServers({});
      const values = await known(AttributesService).getAttributeValuesByFqns({ fqns: FQNS });
      await refused(stranger(KeyAccessServerRegistryService).listKeyAccessServers({}), Code.Unauthenticated);
      await refused(known(AccessService).rewrap({ signedRequestToken: 'e30.e30.AAAA' }), Code.InvalidArgument);
      answers.push([configuration, key, servers, values].map((message) => message.toJson()));
    }
  }
}
for (const other of answers) assert.deepEqual(other, answers[0], 'every form says the same');
const [configuration, key, servers, values] = answers[0];
assert.equal(configuration.platform_endpoint, url);
assert.equal(configuration.base_key.public_key.pem, key.publicKey);
assert.equal(configuration.supports_dpop, true);
assert.deepEqual(servers.keyAccessServers, [{ id: '1', uri: `${url}/kas` }]);
const found = values.fqnAttributeValues;
assert.deepEqual(Object.keys(found).sort(), FQNS.slice(0, 3).sort(), 'a level that there is none of is left out');
const level = found[FQNS[0]];
assert.deepEqual(level.value, { value: 'kor-ii', fqn: FQNS[0] });
assert.equal(level.attribute.rule, 'ATTRIBUTE_RULE_TYPE_ENUM_HIERARCHY');
assert.equal(level.attribute.namespace.fqn, 'https://seoul.kor');
assert.ok(level.attribute.values.length > 1);
console.log(`${answers.length} forms`);
