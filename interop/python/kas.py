"""otdf-python 0.11.0 as a client of a node's key access service, over TLS.

usage: kas.py encrypt|decrypt URL AUTHORITY.pem CLIENT SECRET IN OUT [ATTRIBUTE...]
"""

import io
import pathlib
import ssl
import sys

import pyqwest
from otdf_python import sdk_builder
from otdf_python.kas_connect_rpc_client import KASConnectRPCClient

verb, url, authority, client, secret, source, target, *attributes = sys.argv[1:]

# Neither of the client's two HTTP libraries can be told by its own settings to trust a private authority.
context = ssl.create_default_context(cafile=authority)
for name in ("get", "post"):
    call = getattr(sdk_builder.httpx, name)
    trusting = lambda *args, call=call, **options: call(*args, **{**options, "verify": context})
    setattr(sdk_builder.httpx, name, trusting)


def trusting_client(self):
    self._transport = pyqwest.SyncHTTPTransport(tls_ca_cert=pathlib.Path(authority).read_bytes())
    return pyqwest.SyncClient(transport=self._transport)


KASConnectRPCClient._create_http_client = trusting_client

builder = sdk_builder.SDKBuilder.new_builder()
sdk = builder.set_platform_endpoint(url).client_secret(client, secret).build()
data = pathlib.Path(source).read_bytes()
if verb == "encrypt":
    out = io.BytesIO()
    config = sdk.new_tdf_config(attributes=attributes)
    sdk.create_tdf(io.BytesIO(data), config, out)
    pathlib.Path(target).write_bytes(out.getvalue())
else:
    pathlib.Path(target).write_bytes(sdk.load_tdf(data).payload)
sdk.close()
