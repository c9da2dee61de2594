"""The identity service as its users meet it: sign up, sign in through the page, trade codes for tokens."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from borders.records import CardRecord, FaceRecord, OrganisationRecord, PersonRecord
from chassis.http import Answer
from standards.citizen_id import check_character
from standards.uscc import make_uscc
from tests.support.peers import answer as answer_with
from tests.support.service import ServiceUnderTest

PASSWORD = "correct horse 电池"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CALLBACK = "http://127.0.0.1:53219/callback"


def citizen_number(serial: int) -> str:
    """A well-formed number that belongs to nobody."""
    first_17 = f"51160219900101{serial:03d}"
    return first_17 + check_character(first_17)


WANG = PersonRecord("王小明", citizen_number(1))
LI = PersonRecord("李芳", citizen_number(2))
NOODLES = OrganisationRecord("小明面馆", make_uscc("92", "511602", "MA600001"), WANG.name, WANG.citizen_id)
CARD = CardRecord(WANG.name, WANG.citizen_id, "6228480000000000018", "13900000001")
FACE = FaceRecord("liveness-of-wang", WANG.citizen_id)
DEPARTMENT = make_uscc("11", "511602", "MB000001")


@dataclass(slots=True)
class Provider:
    """Paths are the identity API's; every answer is checked by the test itself unless a method says what it returns."""

    service: ServiceUnderTest
    border: Any
    """The stand-in's app: `border.state.behaviour` is how the bases behave."""
    keys: dict[str, Any]
    admin: dict[str, str]

    def follow_keys(self) -> None:
        """Services under test are told identity's keys as they are at the moment they ask, beside those of the tests' issuer."""

        async def jwks(_: object) -> Answer:
            own = (await self.http.get("/jwks")).json()
            return answer_with({"keys": [*own["keys"], *self.service.issuer.jwks()["keys"]]})

        self.service.peers.on("GET", "identity", "/jwks", jwks)

    @property
    def http(self) -> httpx.AsyncClient:
        return self.service.http

    async def sign_up(self, person: PersonRecord = WANG, /, **change: object) -> httpx.Response:
        body = {"name": person.name, "citizen_id": person.citizen_id, "phone": "13900000001", "password": PASSWORD, **change}
        return await self.http.post("/people", json=body)

    async def submit_sign_in(self, login: str, password: str = PASSWORD, *, source: str | None = None, **change: str) -> httpx.Response:
        """Send the page's form."""
        headers = {"X-Forwarded-For": source} if source else {}
        return await self.http.post(
            "/authorize", data={**request_parameters(**change), "login": login, "password": password}, headers=headers
        )

    async def ask(self, **change: str) -> httpx.Response:
        """Send the browser to the authorization endpoint, with the cookie it has."""
        return await self.http.get("/authorize", params=request_parameters(**change))

    def forget_cookies(self) -> None:
        """Another browser."""
        self.http.cookies.clear()

    async def put_client(self, client_id: str = "desk", /, **change: Any) -> httpx.Response:
        body = {"name": "审批桌面", "kind": "public", "redirect_uris": [CALLBACK], "scopes": ["identity.self"], **change}
        answer = await self.http.put(f"/clients/{client_id}", json=body, headers=self.admin)
        assert answer.status_code in (200, 201), answer.text
        return answer

    async def code(self, login: str, **change: str) -> str:
        """Sign in, and the code that comes back."""
        answer = await self.submit_sign_in(login, **change)
        assert answer.status_code == 303, answer.text
        return redirect_parameters(answer)["code"]

    async def token(self, auth: tuple[str, str] | None = None, /, **form: str) -> httpx.Response:
        return await self.http.post("/token", data=form, auth=httpx.BasicAuth(*auth) if auth else httpx.USE_CLIENT_DEFAULT)

    async def redeem(self, code: str, **change: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "tongban-demo",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await self.token(**{**form, **change})

    async def tokens(self, login: str, **change: str) -> dict[str, Any]:
        """Sign in at the demonstration client; the token answer."""
        answer = await self.redeem(await self.code(login, **change))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def put_department(self) -> None:
        body = {"name": "市场监督管理局", "region": "511602000000"}
        answer = await self.http.put(f"/departments/{DEPARTMENT}", json=body, headers=self.admin)
        assert answer.status_code in (200, 201), answer.text

    async def put_staff(self, login: str = "clerk.zhao", **change: Any) -> httpx.Response:
        body = {
            "name": "赵窗口", "department": DEPARTMENT, "region": "511602000000", "posts": ["window"], "grade": 1, "password": PASSWORD,
        }  # fmt: skip
        return await self.http.put(f"/staff/{login}", json={**body, **change}, headers=self.admin)

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, its signature checked against the published keys."""
        claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(self.keys), algorithms=["ES256"]).claims  # type: ignore[arg-type]
        return claims


def request_parameters(**change: str) -> dict[str, str]:
    """A good authorization request of the demonstration client; an empty change leaves a parameter out."""
    parameters = {
        "response_type": "code",
        "client_id": "tongban-demo",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "st&te",
        "nonce": "n-1",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**parameters, **change}.items() if value}


def redirect_parameters(answer: httpx.Response) -> dict[str, str]:
    """The query of the address an answer redirects to, which is the callback."""
    parts = urlsplit(answer.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
