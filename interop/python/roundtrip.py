"""Sealed items to and from otdf-python 0.11.0, with a local RSA key and no key access service.

usage: roundtrip.py PATH_OF_THE_EXAMPLE_tdf_local
"""

import io
import pathlib
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from otdf_python.config import KASInfo, TDFConfig
from otdf_python.tdf import TDF, TDFReaderConfig

OURS = sys.argv[1]
# One byte, the border of their 2 MiB segments and of our 1 MiB ones, and several segments.
SIZES = [1, 1 << 20, (1 << 20) + 1, 2 << 20, (5 << 20) + 17]

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
private = key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
public = key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
).decode()


def plain(size):
    return bytes((7 * i + i // 251) % 256 for i in range(size))


def ours(*arguments):
    subprocess.run([OURS, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def data_of(result):
    data = getattr(result, "payload", result)
    return data.getvalue() if hasattr(data, "getvalue") else data


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "private.pem").write_text(private)
    (folder / "public.pem").write_text(public)
    for size in SIZES:
        text = plain(size)
        (folder / "in").write_bytes(text)
        ours("seal", folder / "public.pem", folder / "in", folder / "ours.tdf")
        read = TDF().load_tdf((folder / "ours.tdf").read_bytes(), TDFReaderConfig(kas_private_key=private))
        assert data_of(read) == text, f"otdf-python did not read our {size} bytes"

        out = io.BytesIO()
        kas = KASInfo(url="https://kas.example", public_key=public, kid="local")
        TDF().create_tdf(text, TDFConfig(kas_info_list=[kas]), out)
        (folder / "theirs.tdf").write_bytes(out.getvalue())
        ours("open", folder / "private.pem", folder / "theirs.tdf", folder / "out")
        assert (folder / "out").read_bytes() == text, f"we did not read their {size} bytes"

        altered = bytearray(out.getvalue())
        altered[60] ^= 1
        (folder / "altered.tdf").write_bytes(altered)
        refused = subprocess.run(
            [OURS, "open", folder / "private.pem", folder / "altered.tdf", folder / "out"], capture_output=True
        )
        assert refused.returncode != 0, "we opened an altered file"
        print(f"{size} bytes: both ways")
