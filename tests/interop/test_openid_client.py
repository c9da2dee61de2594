"""openid-client (npm), certified by the OpenID Foundation, discovers the provider and signs a person on."""

import asyncio
import json
from pathlib import Path
import shutil
import subprocess
from typing import Any

import pytest

from host.sample_city import load_city
from tests.support.registration import register_client
from tests.support.suite import ROOT, RunningSuite

pytestmark = pytest.mark.node

_SOURCES = Path(__file__).parent / "node"
_INSTALLED = ROOT / "var" / "interop-node"
_CALLBACK = "http://127.0.0.1/openid-client/callback"
_SIGNED_OFF = "http://127.0.0.1/openid-client/signed-off"


@pytest.fixture(scope="module")
def program() -> Path:
    """The folder of the script and its packages, installed as the lock file pins them; kept between runs."""
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    lock, here = _SOURCES / "package-lock.json", _INSTALLED / "package-lock.json"
    if not (_INSTALLED / "node_modules").exists() or here.read_text() != lock.read_text():
        for file in (_SOURCES / "package.json", _SOURCES / ".npmrc", lock):
            shutil.copy(file, _INSTALLED)
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=_INSTALLED, check=True, timeout=200)
    shutil.copy(_SOURCES / "sign_on.mjs", _INSTALLED)
    return _INSTALLED


@pytest.fixture(scope="module")
def told(program: Path, provider: RunningSuite) -> dict[str, Any]:
    """What the program tells of one sign-on."""
    secret = asyncio.run(register_client(provider, "interop-node", redirect_uris=[_CALLBACK], post_logout_redirect_uris=[_SIGNED_OFF]))
    given = {
        "issuer": provider.url,
        "clientId": "interop-node",
        "clientSecret": secret,
        "redirectUri": _CALLBACK,
        "signedOffUri": _SIGNED_OFF,
        "login": load_city().citizens[0].phone,
        "password": provider.cast.password,
    }
    done = subprocess.run(["node", "sign_on.mjs", json.dumps(given)], cwd=program, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_it_signs_a_person_on_and_knows_who_it_is(told: dict[str, Any], provider: RunningSuite) -> None:
    claims = told["claims"]
    assert (claims["iss"], claims["aud"]) == (provider.url, "interop-node")
    assert told["userinfo"]["sub"] == claims["sub"]


def test_it_refreshes_once_and_a_token_used_twice_ends_the_whole_family(told: dict[str, Any]) -> None:
    assert told["refreshed"] is True
    assert (told["reuse"], told["afterReuse"]) == ("invalid_grant", "invalid_grant")


def test_a_code_is_worth_nothing_with_another_verifier(told: dict[str, Any]) -> None:
    assert told["wrongVerifier"] == "invalid_grant"


def test_it_signs_off_and_nobody_is_signed_on_afterwards(told: dict[str, Any]) -> None:
    assert told["silent"] is True
    assert told["signedOffTo"] == f"{_SIGNED_OFF}?state=s"
    assert told["afterSignOff"] == "login_required"
