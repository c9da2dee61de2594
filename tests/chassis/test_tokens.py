"""Token verification: only what the issuer signed, for us, now; and a cache that forgets in time."""

import base64
import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from chassis import tokens as chassis_tokens
from chassis.problems import Unavailable
from chassis.tokens import LEEWAY_SECONDS, TokenRefused, TokenVerifier
from tests.support.forgeries import FORGERIES
from tests.support.service import ServiceUnderTest
from tests.support.tokens import ISSUER, Issuer


class Clocks:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.monotonic = 1_000.0


class Keys:
    """The issuer's JWKS endpoint: counts how often it is asked, and can be away."""

    def __init__(self, *issuers: Issuer) -> None:
        self.issuers = list(issuers)
        self.fetched = 0
        self.is_away = False

    async def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        if self.is_away:
            raise Unavailable()
        return {"keys": [key for issuer in self.issuers for key in issuer.jwks()["keys"]]}


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(chassis_tokens, "time", SimpleNamespace(monotonic=lambda: clocks.monotonic))
    return clocks


@pytest.fixture
def issuer(clocks: Clocks) -> Issuer:
    return Issuer(now=lambda: clocks.now)


@pytest.fixture
def keys(issuer: Issuer) -> Keys:
    return Keys(issuer)


@pytest.fixture
def verifier(keys: Keys, clocks: Clocks) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience="tongban", fetch_keys=keys, now=lambda: clocks.now)


def _claims(**changed: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER, "aud": "tongban", "sub": str(uuid4()), "client_id": "tests", "scope": "a b", "iat": 1_790_000_000,
        "exp": 1_790_000_900, "jti": "j", "actor_kind": "person", "name": "张三",
    }  # fmt: skip
    return {name: value for name, value in {**claims, **changed}.items() if value is not ...}


def _encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


async def test_a_good_token_is_the_actor_it_describes(verifier: TokenVerifier, issuer: Issuer) -> None:
    subject, delegate = uuid4(), uuid4()
    actor = await verifier.verify(
        issuer.token(
            "organisation",
            "a",
            "b",
            subject=subject,
            name="公司",
            holder_index="h",
            region="330482",
            posts=["x", "y"],
            grade=2,
            department="11330482MB1234567X",
            act={"sub": str(delegate), "name": "张三", "holder_index": "p"},
        )
    )
    assert (actor.subject, actor.kind, actor.scopes, actor.posts, actor.grade) == (
        subject, "organisation", frozenset("ab"), frozenset("xy"), 2,
    )  # fmt: skip
    assert actor.via is not None and (actor.person, actor.via.holder_index) == (delegate, "p")
    assert "eyJ" not in repr(actor)


def _with_header(issuer: Issuer, **header: Any) -> str:
    return issuer.sign(_claims(), header=header)


@pytest.mark.parametrize("attack", FORGERIES)
async def test_attack_a_forged_token(verifier: TokenVerifier, issuer: Issuer, attack: str) -> None:
    await verifier.verify(issuer.sign(_claims()))
    with pytest.raises(TokenRefused):
        await verifier.verify(FORGERIES[attack](issuer))


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": "id+jwt"}, {"typ": None}, {"typ": 7}, {"kid": "nobody"}, {"kid": None}, {"kid": 1}, {"kid": ["a"]}]
)
async def test_a_token_of_another_kind_or_key_is_refused(verifier: TokenVerifier, issuer: Issuer, header: dict[str, Any]) -> None:
    head, payload, signature = issuer.sign(_claims()).split(".")
    decoded = json.loads(base64.urlsafe_b64decode(head + "=="))
    with pytest.raises(TokenRefused):
        await verifier.verify(f"{_encoded({**decoded, **header})}.{payload}.{signature}")


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere"}, {"aud": "another"}, {"aud": ["another"]}, {"aud": None}, {"exp": 1_789_999_000}, {"exp": "soon"},
        {"exp": None}, {"iat": "x"}, {"nbf": 1_790_000_500}, {"sub": "not-a-uuid"}, {"sub": 7}, {"sub": ...}, {"jti": ...},
        {"iss": ...}, {"aud": ...}, {"exp": ...}, {"client_id": ...}, {"actor_kind": ...}, {"actor_kind": "god"}, {"actor_kind": ["person"]},
        {"assurance": "high"}, {"assurance": None}, {"grade": {}}, {"act": "somebody"}, {"act": {}}, {"act": {"sub": "x"}}, {"act": ["x"]},
        {"posts": 7}, {"posts": [["x"]]},
    ],
    ids=str,
)  # fmt: skip
async def test_claims_that_are_not_for_us_or_not_of_our_shape_are_refused(
    verifier: TokenVerifier, issuer: Issuer, changed: dict[str, Any]
) -> None:
    with pytest.raises(TokenRefused):
        await verifier.verify(issuer.sign(_claims(**changed)))


@pytest.mark.parametrize(
    "junk",
    [
        "", "a", "a.b", "a.b.c", "....", "é.é.é", "\ud800.a.b", "a.b.c.d.e", "x" * 9_000, _encoded([]) + ".e30.e30", _encoded("x") + ".e30.e30",
        base64.urlsafe_b64encode(b"[" * 5_000).decode() + ".e30.e30", base64.urlsafe_b64encode(b"9" * 4_900).decode() + ".e30.e30",
    ],
    ids=lambda junk: repr(junk[:12]),
)  # fmt: skip
async def test_junk_is_refused_and_never_a_defect(verifier: TokenVerifier, junk: str) -> None:
    with pytest.raises(TokenRefused):
        await verifier.verify(junk)


async def test_a_refusal_is_a_401_that_challenges(toy: ServiceUnderTest) -> None:
    answer = await toy.http.get("/acting", headers={"Authorization": "Bearer a.b.c"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:token-refused")
    assert answer.headers["www-authenticate"] == 'Bearer realm="tongban", error="invalid_token"'


# Keys and cache


async def test_an_unknown_key_asks_for_keys_at_most_once_in_a_window(
    verifier: TokenVerifier, keys: Keys, issuer: Issuer, clocks: Clocks
) -> None:
    await verifier.verify(issuer.sign(_claims()))
    clocks.monotonic += 10
    for _ in range(20):
        with pytest.raises(TokenRefused):
            await verifier.verify(Issuer().token("person"))
    assert keys.fetched == 2
    clocks.monotonic += 3
    with pytest.raises(TokenRefused):
        await verifier.verify(Issuer().token("person"))
    assert keys.fetched == 3


async def test_the_window_holds_while_the_issuer_is_away(verifier: TokenVerifier, keys: Keys, issuer: Issuer, clocks: Clocks) -> None:
    good = issuer.sign(_claims())
    await verifier.verify(good)
    keys.is_away = True
    clocks.monotonic += 10
    for _ in range(20):
        with pytest.raises(TokenRefused):
            await verifier.verify(Issuer().token("person"))
    assert keys.fetched == 2
    assert await verifier.verify(good)


async def test_a_rotated_key_is_taken_up_when_first_seen(verifier: TokenVerifier, keys: Keys, issuer: Issuer, clocks: Clocks) -> None:
    await verifier.verify(issuer.sign(_claims()))
    successor = Issuer(now=lambda: clocks.now)
    keys.issuers.append(successor)
    clocks.monotonic += 10
    assert await verifier.verify(successor.sign(_claims()))
    assert await verifier.verify(issuer.sign(_claims()))


async def test_a_cached_token_ends_with_its_expiry(verifier: TokenVerifier, issuer: Issuer, clocks: Clocks) -> None:
    token = issuer.sign(_claims())
    await verifier.verify(token)
    clocks.now += 900 + LEEWAY_SECONDS - 1
    assert await verifier.verify(token)
    clocks.now += 2
    with pytest.raises(TokenRefused):
        await verifier.verify(token)


async def test_a_cached_token_ends_with_its_key(verifier: TokenVerifier, keys: Keys, issuer: Issuer, clocks: Clocks) -> None:
    token = issuer.sign(_claims())
    await verifier.verify(token)
    successor = Issuer(now=lambda: clocks.now)
    keys.issuers[:] = [successor]
    clocks.monotonic += 10
    await verifier.verify(successor.sign(_claims()))
    with pytest.raises(TokenRefused):
        await verifier.verify(token)


async def test_old_keys_are_renewed_beside_the_requests_and_serve_while_the_issuer_is_away(
    verifier: TokenVerifier, keys: Keys, issuer: Issuer, clocks: Clocks
) -> None:
    token = issuer.sign(_claims())
    await verifier.verify(token)
    keys.is_away = True
    clocks.monotonic += 301
    assert await verifier.verify(token)
    assert verifier._renewal is not None
    await verifier._renewal
    assert await verifier.verify(token) and keys.fetched == 2
    keys.is_away = False
    clocks.monotonic += 3
    await verifier.verify(token)
    await verifier._renewal
    assert keys.fetched == 3


async def test_without_any_key_the_answer_is_that_the_issuer_is_away(verifier: TokenVerifier, keys: Keys, issuer: Issuer) -> None:
    keys.is_away = True
    with pytest.raises(Unavailable):
        await verifier.verify(issuer.sign(_claims()))
    keys.is_away = False
    assert await verifier.verify(issuer.sign(_claims()))


async def test_the_cache_is_bounded_and_keeps_what_is_used(
    verifier: TokenVerifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chassis_tokens, "CACHE_SIZE", 3)
    first = issuer.sign(_claims(jti="first"))
    await verifier.verify(first)
    for number in range(10):
        await verifier.verify(issuer.sign(_claims(jti=str(number))))
        await verifier.verify(first)
    assert len(verifier._verified) == 3 and "first" in {actor.token_id for actor, _ in verifier._verified.values()}
