"""Apache HTTP Server with mod_auth_openidc, unmodified, before a page that only people who signed on see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import subprocess
import time

import httpx

from host.stack.processes import free_ports
from tests.support.programs import APACHE_MODULES

CLIENT = "interop-apache"

_CONFIGURATION = """\
ServerRoot "{folder}"
ServerName 127.0.0.1
User nobody
Group nogroup
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
LogLevel auth_openidc:info
{modules}
DocumentRoot "{folder}/pages"
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCRedirectURI {origin}/system/callback
OIDCCryptoPassphrase only-for-this-test
OIDCScope "openid"
OIDCPKCEMethod S256
OIDCSSLValidateServer Off
OIDCRemoteUserClaim sub
OIDCCacheType file
OIDCCacheDir "{folder}/cache"
<Location /system>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /system/page.html>
  Header always set X-Signed-On "expr=%{{REMOTE_USER}}"
</Location>
"""
_MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "alias", "dir", "headers", "auth_openidc")
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Apache:
    """One department system of the old kind: a web server that leaves signing on to us."""

    origin: str
    folder: Path

    @property
    def page(self) -> str:
        return f"{self.origin}/system/page.html"

    def log(self) -> str:
        return (self.folder / "error.log").read_text(errors="replace")


def new_origin() -> str:
    """An origin it can listen on; its redirect address is registered before it starts."""
    return f"http://127.0.0.1:{free_ports(1)[0]}"


@contextmanager
def apache_at(origin: str, folder: Path, *, issuer: str, secret: str) -> Iterator[Apache]:
    """The server while the block runs."""
    for name in ("pages/system", "cache"):
        (folder / name).mkdir(parents=True)
    (folder / "pages" / "system" / "page.html").write_text("<p>only for people who signed on</p>")
    (folder / "pages" / "goodbye.html").write_text("<p>goodbye</p>")
    (folder / "cache").chmod(0o777)  # its workers run as another user where the tests run as root
    modules = "\n".join(f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in _MODULES)
    port = origin.rpartition(":")[2]
    written = folder / "apache.conf"
    written.write_text(
        _CONFIGURATION.format(folder=folder, port=port, modules=modules, issuer=issuer, client=CLIENT, secret=secret, origin=origin)
    )
    apache = Apache(origin, folder)
    with subprocess.Popen(["/usr/sbin/apache2", "-f", str(written), "-DFOREGROUND"], stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_answers(apache, process)
            yield apache
        finally:
            process.terminate()


def _wait_until_it_answers(apache: Apache, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            httpx.get(apache.origin)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"Apache did not start:\n{apache.log()}") from None
            time.sleep(0.05)
        else:
            return
