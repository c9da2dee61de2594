"""The committed contracts are what the code says, are valid, and hold together."""

from pathlib import Path
import shutil
import subprocess
from typing import Any

import jsonschema
from openapi_spec_validator import validate
import orjson
import pytest

from chassis.app import VERSION
from host import contracts
from host.contracts import ROOT, check_contracts, contract_files, events_of
from host.services import SERVICES


def document(name: str) -> Any:
    return orjson.loads((ROOT / name).read_bytes())


def test_the_committed_contracts_are_what_the_code_says() -> None:
    assert check_contracts() == []


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_every_api_document_is_valid_openapi(name: str) -> None:
    found = document(f"openapi/{name}.json")
    validate(found)
    assert found["info"]["version"] == VERSION


def test_the_merged_document_has_every_path_of_every_service() -> None:
    merged = document("openapi/gateway.json")
    for name in SERVICES:
        assert set(document(f"openapi/{name}.json")["paths"]) <= set(merged["paths"])
    operations = [operation for paths in merged["paths"].values() for operation in paths.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) > 40


def test_every_event_schema_is_valid_and_on_the_asyncapi_map() -> None:
    asyncapi = document("asyncapi.json")
    kinds = {event.type for name in SERVICES for event in events_of(name)}
    assert {path.stem for path in (ROOT / "events").glob("*.json")} == kinds == set(asyncapi["components"]["messages"])
    for kind in kinds:
        jsonschema.Draft202012Validator.check_schema(document(f"events/{kind}.json"))


def test_every_reference_of_the_asyncapi_document_resolves() -> None:
    asyncapi = document("asyncapi.json")

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/"):
                target: Any = asyncapi
                for step in reference[2:].split("/"):
                    target = target[step.replace("~1", "/").replace("~0", "~")]
            elif isinstance(reference, str):
                assert (ROOT / reference).exists(), reference
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(asyncapi)


def test_topics_and_types_are_named_after_their_service() -> None:
    for name in SERVICES:
        for event in events_of(name):
            assert event.topic.startswith(f"tongban.{name}.") and event.type.startswith(f"{event.topic}."), event
            assert event.type.rpartition(".v")[2].isdigit(), event
            assert event.topic in SERVICES[name].topics


def test_what_a_release_promised_is_held_against_the_code_whatever_was_committed_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release with one more event and one more member; then `make contracts` has written both away and it was committed."""
    house = tmp_path / "contracts"
    shutil.copytree(ROOT, house, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    event = sorted((house / "events").glob("*.json"))[0]
    today = event.read_bytes()
    event.write_bytes(orjson.dumps({**orjson.loads(today), "properties": {"promised": {"type": "string"}}}))
    (house / "events" / "tongban.toy.gone.v1.json").write_bytes(b"{}")

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "release")
    git("tag", "v0.1.0")
    event.write_bytes(today)
    (house / "events" / "tongban.toy.gone.v1.json").unlink()
    git("commit", "-q", "-am", "contracts")

    files = {house / path.relative_to(ROOT): content for path, content in contract_files().items()}
    monkeypatch.setattr(contracts, "ROOT", house)
    monkeypatch.setattr(contracts, "contract_files", lambda: files)
    told = contracts.check_contracts()
    assert f"contracts/events/{event.name} since v0.1.0: /promised: is gone" in told
    assert "contracts/events/tongban.toy.gone.v1.json since v0.1.0: is gone" in told
    assert contracts.check_contracts("HEAD") == [line for line in told if "since" not in line]


def test_a_breaking_change_of_an_event_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if an earlier version had promised a member that the code no longer has."""
    committed = tmp_path / "contracts"
    shutil.copytree(ROOT, committed)
    event = next(iter(sorted((committed / "events").glob("*.json"))))
    promised = orjson.loads(event.read_bytes())
    promised["properties"]["promised"] = {"type": "string"}
    event.write_bytes(orjson.dumps(promised))
    files = {committed / path.relative_to(ROOT): content for path, content in contract_files().items()}
    monkeypatch.setattr(contracts, "ROOT", committed)
    monkeypatch.setattr(contracts, "contract_files", lambda: files)
    found = contracts.check_contracts()
    assert any("/promised: is gone" in line for line in found), found
