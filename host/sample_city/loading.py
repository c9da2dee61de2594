"""Reading the sample city's files: JSON for records, one file an item, a bundle and a certificate type, CSV for long plain lists."""

import csv
from functools import cache
import json
from pathlib import Path
from typing import Any

from host.sample_city.models import SampleCity

_FOLDER = Path(__file__).parent


@cache
def load_city() -> SampleCity:
    """The sample city, read once. Raises `pydantic.ValidationError` where a file departs from its model."""
    return SampleCity.model_validate(
        {
            **_json("city.json"),
            "regions": [{**row, "level": int(row["level"]), "parent_code": row["parent_code"] or None} for row in _csv("regions.csv")],
            "departments": _json("departments.json"),
            "systems": _json("systems.json"),
            "staff": _json("staff.json"),
            "citizens": _json("citizens.json"),
            "organisations": _json("organisations.json"),
            "shared_resources": _json("shared_resources.json"),
            "certificate_types": _json_folder("certificate_types"),
            "certificates": _json("certificates.json"),
            "items": _json_folder("items"),
            "bundles": _json_folder("bundles"),
            "calendar": _json("calendar.json"),
            "population_base": _csv("population_base.csv"),
            "legal_person_base": _csv("legal_person_base.csv"),
        }
    )


def _json(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _json_folder(name: str) -> list[Any]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((_FOLDER / name).glob("*.json"))]


def _csv(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
