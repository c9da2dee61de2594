"""nginx as docs/deploying.md configures it, in front of a gateway; and the authority, servers and clients whose certificates it meets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
import shutil
import socket
import ssl
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from host.stack.processes import free_ports
from tests.support.programs import NGINX_PATH

_PAGE = Path(__file__).parents[2] / "docs" / "deploying.md"
_START_SECONDS = 20.0
_AROUND = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{server}
}}
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate with its key, as PEM files; `issuer` of others where it is an authority."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    pem: Path
    key_pem: Path

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def context(self, authority: "Holder") -> ssl.SSLContext:
        """What a client connects with."""
        context = ssl.create_default_context(cafile=str(authority.pem))
        context.load_cert_chain(self.pem, self.key_pem)
        return context


def holder(
    folder: Path, name: str, *, issuer: Holder | None = None, dns: Sequence[str] = (), is_authority: bool = False, days: int = 30
) -> Holder:  # fmt: skip
    """Self-signed without an issuer. `days` from yesterday; fewer than one: it is over."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime.now(UTC) - timedelta(days=2)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.name if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=1 + days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if is_authority:
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage, critical=True)
    if dns:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in dns]), critical=False)
    certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    pem, key_pem = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    key_pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked))
    return Holder(subject, key, certificate, pem, key_pem)


@contextmanager
def nginx_before(gateway: str, folder: Path, authority: Holder) -> Iterator[str]:
    """Its origin, while the block runs. `folder` gets its configuration and its own certificate."""
    [port] = free_ports(1)
    holder(folder, "entrance", issuer=authority, dns=["localhost"])
    shutil.copy(authority.pem, folder / "authorities.pem")
    [server] = re.findall(r"```nginx\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    for told, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/nginx/tls/", f"{folder}/"),
        ("http://127.0.0.1:8000", gateway),
    ):
        assert told in server
        server = server.replace(told, ours)
    written = folder / "nginx.conf"
    written.write_text(_AROUND.format(folder=folder, server=server))
    program = shutil.which("nginx", path=NGINX_PATH)
    assert program is not None
    command = [program, "-c", str(written), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_listens(port, process, folder / "error.log")
            yield f"https://localhost:{port}"
        finally:
            process.terminate()


def _wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"nginx did not start:\n{log.read_text() if log.exists() else ''}") from None
            time.sleep(0.02)
        else:
            return
