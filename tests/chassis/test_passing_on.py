"""A bound token that one service passes on carries the passing service's own token; a bearer token goes as it is."""

import base64

import orjson

from chassis.dpop import PASSED_ON_BY, Proof, SeenProofs, check_proof, is_bound
from chassis.http import Answer, HttpClient, Request


class Recording:
    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def send(self, peer: str, request: Request) -> Answer:
        self.requests.append(request)
        return Answer(200, {}, b"{}")

    async def close(self) -> None:
        """Nothing is open."""


class OwnToken:
    async def token(self) -> str:
        return "own"

    def forget(self) -> None:
        """It stays."""


def token_with(claims: dict[str, object]) -> str:
    return f"x.{base64.urlsafe_b64encode(orjson.dumps(claims)).decode().rstrip('=')}.y"


async def test_only_a_bound_token_is_vouched_for() -> None:
    transport = Recording()
    http = HttpClient(transport, {}, tokens=OwnToken())
    for token in (token_with({"cnf": {"jkt": "k"}}), token_with({}), "rubbish", "a.é.b"):
        await http.get("things", "/x", token=token)
    await http.get("things", "/x", as_service=True)
    assert [request.headers.get(PASSED_ON_BY) for request in transport.requests] == ["own", None, None, None, None]


def test_what_is_no_token_is_not_bound() -> None:
    assert [is_bound(text) for text in ("", "a", "a.b.c", "a.!!.c", token_with({"cnf": {}}))] == [False, False, False, False, True]


def test_a_proof_is_forgotten_only_when_it_could_not_be_used_anyway() -> None:
    seen, proof = SeenProofs(), Proof("k", "1", 60.0)
    assert seen.use(proof, now=0.0)
    assert not seen.use(proof, now=119.0)
    assert seen.use(Proof("other", "1", 60.0), now=119.0)
    assert seen.use(proof, now=121.0)


def test_the_standards_own_proof_is_good() -> None:
    """RFC 9449, figure 2 (token request) and figure 13 (with its access token)."""
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR"
        "nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRt"
        "IjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUv"
        "wnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    )
    good = check_proof(proof, method="POST", url="https://server.example.com:443/token", now=1_562_262_616)
    assert (good.thumbprint, good.jti) == ("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "-BwC3ESc6acc2lTc")
