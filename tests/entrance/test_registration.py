"""`tongban admin put-client` as an operator runs it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey
import pytest
from typer.testing import CliRunner

from host.cli import app
from tests.entrance.conftest import DEPARTMENT, OPEN_TO_ALL, City, bearer

PLAIN = {"name": "银行", "kind": "confidential", "department": DEPARTMENT, "scopes": ["certificates.supply"]}


@pytest.fixture
def folder(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's, as the command expects it."""
    monkeypatch.delenv("TONGBAN_MASTER_KEY", raising=False)
    (tmp_path / "master.key").write_text(city.master_key + "\n")
    return tmp_path


async def put(city: City, folder: Path, body: Any) -> tuple[int, str]:
    file = folder / "client.json"
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    words = ["admin", "put-client", "sys-bank", str(file), "--url", city.url, "--var", str(folder)]
    done = await asyncio.to_thread(CliRunner().invoke, app, words)
    return done.exit_code, done.output + (str(done.exception) if isinstance(done.exception, SystemExit) else "")


async def test_a_client_is_registered_from_a_file_and_its_secret_told_once(city: City, folder: Path) -> None:
    code, said = await put(city, folder, {**PLAIN, "request_quota": 5})
    assert code == 0 and "登记 registered" in said, said
    told = said.splitlines()
    secret = told[told.index("sys-bank 已登记 registered") + 1]
    token = (await city.token(client_id="sys-bank", client_secret=secret)).json()["access_token"]
    assert (await city.http.get(OPEN_TO_ALL, headers=bearer(token))).headers["ratelimit-policy"] == '"client";q=5;w=60'
    code, said = await put(city, folder, {**PLAIN, "request_quota": 6})
    assert code == 0 and "变更 changed" in said and secret not in said, said


async def test_what_is_wrong_with_a_file_is_said(city: City, folder: Path) -> None:
    key = ECKey.generate_key("P-384").as_dict(private=False)
    for body, sentence in (
        ({**PLAIN, "signs_requests": True}, "签名请求的客户端应登记公钥"),
        ({**PLAIN, "signs_requests": True, "jwks": {"keys": [key]}}, "P-256"),
        ("{not json", "is not JSON"),
    ):
        code, said = await put(city, folder, body)
        assert code != 0 and sentence in said, said
