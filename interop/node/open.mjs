// A client made of the parts that @opentdf/sdk 0.19 is made of, which itself was not run: the Connect library, the platform's messages,
// dpop and jose. It opens an item whose parts lie beside each other, asking for its key as that SDK is known to ask.
//
// usage: open.mjs URL CLIENT SECRET MANIFEST PAYLOAD OUT
//
// It proves that it holds a key (DPoP) unless LEGACY is set. TOKENS is the issuer of its tokens where that is not the node. FORM is
// json or proto.
import { readFileSync, writeFileSync } from 'node:fs';
import { createPromiseClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { SignJWT } from 'jose';
import { AccessService, authorized, token } from './platform.mjs';

const [url, client, secret, manifestFile, payloadFile, target] = process.argv.slice(2);
const { encryptionInformation } = JSON.parse(readFileSync(manifestFile));
const { keyAccess, policy, integrityInformation } = encryptionInformation;
const { subtle } = globalThis.crypto;
const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const signing = await subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa }, false, ['sign', 'verify']);
const opening = await subtle.generateKey({ name: 'RSA-OAEP', hash: 'SHA-1', ...rsa }, false, ['encrypt', 'decrypt']);
const spki = Buffer.from(await subtle.exportKey('spki', opening.publicKey)).toString('base64');
const clientPublicKey = `-----BEGIN PUBLIC KEY-----\r\n${spki.match(/.{1,64}/g).join('\r\n')}\r\n-----END PUBLIC KEY-----`;

const keys = process.env.LEGACY ? undefined : signing;
const interceptors = [authorized(await token(process.env.TOKENS ?? `${url}/auth`, client, secret, keys), keys)];
const useBinaryFormat = process.env.FORM === 'proto';
const transport = createConnectTransport({ baseUrl: url, httpVersion: '1.1', useBinaryFormat, interceptors });
const requestBody = JSON.stringify({
  clientPublicKey,
  requests: [
    {
      algorithm: 'RS256',
      policy: { id: 'policy', body: policy },
      keyAccessObjects: keyAccess.map((keyAccessObject, at) => ({ keyAccessObjectId: `kao-${at}`, keyAccessObject })),
    },
  ],
});
// That SDK dates its requests an hour back, for clocks that are slow.
const now = Math.floor(Date.now() / 1000);
const signed = new SignJWT({ requestBody }).setProtectedHeader({ alg: 'RS256' }).setIssuedAt(now - 3600);
const signedRequestToken = await signed.setExpirationTime(now + 3600).sign(signing.privateKey);
const { responses } = await createPromiseClient(AccessService, transport).rewrap({ signedRequestToken });
const [result] = responses[0].results;
if (result.status !== 'permit') throw new Error(result.error);
if (result.metadata['X-Required-Obligations'].toJson().length !== 1) throw new Error('no banner is asked for');

const key = await subtle.decrypt('RSA-OAEP', opening.privateKey, result.kasWrappedKey);
const content = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
const payload = readFileSync(payloadFile);
const { segments, encryptedSegmentSizeDefault } = integrityInformation;
const plain = [];
let place = 0;
for (const { encryptedSegmentSize = encryptedSegmentSizeDefault } of segments) {
  const sealed = payload.subarray(place, (place += encryptedSegmentSize));
  plain.push(Buffer.from(await subtle.decrypt({ name: 'AES-GCM', iv: sealed.subarray(0, 12) }, content, sealed.subarray(12))));
}
writeFileSync(target, Buffer.concat(plain));
