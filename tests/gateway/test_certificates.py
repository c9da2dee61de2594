"""What the gateway believes of certificates and passes inward; tests/entrance/test_certificates.py has a real nginx before it."""

import base64
from collections.abc import AsyncIterator
import hashlib
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.gateway.conftest import Entrance, open_entrance
from tests.gateway.signing import MASTER_KEY, SigningClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

DER = b"0\x82 what a certificate is made of does not matter here"
PRESENTED = {"Client-Cert": f":{base64.b64encode(DER).decode()}:"}
THUMBPRINT = base64.urlsafe_b64encode(hashlib.sha256(DER).digest()).rstrip(b"=").decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _running() -> AsyncIterator[Entrance]:
    trusting = open_entrance("network", trusted_proxies=["127.0.0.0/8"], client_certificates=True, master_key=MASTER_KEY)
    async with trusting as opened:
        SigningClient(opened)  # identity gives the gateway tokens of its own
        yield opened


@pytest.fixture
def entrance(_running: Entrance) -> Entrance:
    _running.toy.forget()
    _running.identity.forget()
    return _running


def pem(der: bytes) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("written", [PRESENTED["Client-Cert"], quote(pem(DER), safe=""), quote(pem(DER), safe="+/=")])
async def test_a_bound_token_passes_with_its_certificate_as_either_way_of_writing_has_it(entrance: Entrance, written: str) -> None:
    token = entrance.issuer.token("system", cnf={"x5t#S256": THUMBPRINT})
    answer = await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {token}", "Client-Cert": written})
    assert answer.status_code == 200, answer.text
    (seen,) = entrance.toy.seen
    assert len(seen.values("x-passed-on-by")) == 1
    assert not seen.names & {"client-cert", "x-ssl-client-verify", "x-tongban-certificate"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Client-Cert", "")],
        [("Client-Cert", ":AAAA:")],
        [("Client-Cert", ":not base64:")],
        [("Client-Cert", "-----BEGIN CERTIFICATE-----")],
        [("Client-Cert", "\xff")],
        [("Client-Cert", ":" + "A" * 20_000 + ":")],
        [*PRESENTED.items(), *PRESENTED.items()],
        [("Client_Cert", PRESENTED["Client-Cert"])],
        [("X-Client-Cert", PRESENTED["Client-Cert"])],
    ],
    ids=["none", "empty", "another", "no base64", "cut off", "no ASCII", "long", "two", "underscore", "another name"],
)
async def test_a_bound_token_is_refused_where_the_certificate_is_not_said_clearly(
    entrance: Entrance, headers: list[tuple[str, str]]
) -> None:  # fmt: skip
    token = entrance.issuer.token("system", cnf={"x5t#S256": THUMBPRINT})
    sent = [(b"Authorization", f"Bearer {token}".encode()), *((name.encode(), value.encode("latin-1")) for name, value in headers)]
    answer = await entrance.http.get("/api/toy/v1/x", headers=sent)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:certificate-refused")
    assert entrance.toy.seen == []


async def test_attack_a_certificate_does_not_stand_in_for_a_proof(entrance: Entrance) -> None:
    """Nor does a certificate of one's own: services must go on asking for the proof a stolen token is bound to."""
    for bound_to in ({"jkt": "A" * 43}, {"jkt": "A" * 43, "x5t#S256": THUMBPRINT}):
        token = entrance.issuer.token("person", cnf=bound_to)
        await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {token}", **PRESENTED})
    await entrance.http.get("/api/toy/v1/x", headers=PRESENTED)
    assert len(entrance.toy.seen) == 3
    assert not any({"x-passed-on-by", "x-tongban-certificate"} & seen.names for seen in entrance.toy.seen)


@pytest.mark.parametrize(
    ("verified", "state"), [("SUCCESS", "trusted"), ("FAILED:self-signed certificate", "presented"), ("", "presented")]
)
async def test_identity_is_told_of_the_certificate_where_clients_prove_themselves(entrance: Entrance, verified: str, state: str) -> None:
    headers = {**PRESENTED, "X-SSL-Client-Verify": verified}
    for endpoint in ("token", "par", "introspect", "revoke", "jwks"):
        await entrance.http.post(f"/api/identity/v1/{endpoint}", data={"client_id": "x"}, headers=headers)
    *told, elsewhere = entrance.identity.seen
    for seen in told:
        assert seen.values("x-tongban-certificate") == [f"{state} {base64.b64encode(DER).decode()}"]
        assert len(seen.values("x-passed-on-by")) == 1
    assert not {"x-passed-on-by", "x-tongban-certificate"} & elsewhere.names
