"""Writes that are right, to be spoiled: who sends what to where. Drawn requests rarely get past the first rule; these pass them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from host import city_bodies as bodies
from host.demo.cast import Cast
from host.sample_city import load_city
from tests.fuzz.known import Known

_KINDS = (
    "regions", "calendar", "department", "client", "certificate type", "obtainable material", "item", "certificate", "sign-up", "binding",
    "draft", "form", "completion", "refusal", "use", "verification", "subscription",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Write:
    """A write that a caller may do. `template` is its path in the document.

    `read` tells the version it goes with, where it needs one. `then` are requests that meet what it left: a strange record that was
    taken must not fell those who come upon it.
    """

    caller: str
    method: str
    template: str
    parameters: dict[str, str]
    body: Any = None
    read: tuple[str, str] | None = None
    then: "tuple[Write, ...]" = ()

    @property
    def path(self) -> str:
        return self.template.format(**{name: quote(value, safe="") for name, value in self.parameters.items()})


def kinds() -> tuple[str, ...]:
    """What `write_of` knows; named without a suite, for tests to be named by."""
    return _KINDS


def write_of(kind: str, known: Known, cast: Cast) -> Write:
    """The write of one kind, on records that exist."""
    return dict(zip(_KINDS, (*_of_the_city(), *_of_the_journey(known, cast)), strict=True))[kind]


def _of_the_city() -> Iterator[Write]:
    city = load_city()
    department, system, kind, item, certificate = (
        city.departments[-1], city.systems[-1], city.certificate_types[-1], city.items[-1], city.certificates[0],
    )  # fmt: skip
    year, notice = next(iter(bodies.calendar_years(city).items()))
    code, material = next(iter(bodies.obtainable_materials(city).items()))
    client = bodies.department_system(city, system, "s" * 43)
    catalog, identity, certificates = "/api/catalog/v1", "/api/identity/v1", "/api/certificates/v1"
    item_code = bodies.item_code(item)
    of_the_item = (
        Write("nobody", "get", f"{catalog}/items/{{local_code}}", {"local_code": item_code}),
        Write("nobody", "get", f"{catalog}/items", {}),
        *(Write(who, "post", "/api/intake/v1/applications", {}, {"item_code": item_code}) for who in ("citizen", "organisation")),
    )
    of_the_calendar = Write("nobody", "get", f"{catalog}/calendar/{{year}}", {"year": str(year)})
    of_the_library = Write("nobody", "get", f"{certificates}/certificate-types", {})
    yield Write("operator", "put", f"{catalog}/regions", {}, {"regions": bodies.regions(city)["regions"][:5]})
    yield Write("operator", "put", f"{catalog}/calendar/{{year}}", {"year": str(year)}, notice, then=(of_the_calendar,))
    yield Write("operator", "put", f"{identity}/departments/{{uscc}}", {"uscc": department.uscc}, bodies.department(department))
    yield Write("operator", "put", f"{identity}/clients/{{client_id}}", {"client_id": "sys-fuzz"}, client)
    yield Write(
        "operator", "put", f"{certificates}/certificate-types/{{code}}", {"code": kind.type_code}, bodies.certificate_type(kind),
        then=(of_the_library,),
    )  # fmt: skip
    yield Write("operator", "put", f"{catalog}/obtainable-materials/{{code}}", {"code": code}, material)
    yield Write("operator", "put", f"{catalog}/items/{{local_code}}", {"local_code": item_code}, bodies.item(city, item), then=of_the_item)
    yield Write("operator", "post", f"{certificates}/certificates", {}, bodies.certificate(city, certificate))


def _of_the_journey(known: Known, cast: Cast) -> Iterator[Write]:
    citizen, organisation = cast.citizen, cast.organisation
    drafted, submitted = known.parameters["application_id"][:2]
    task = known.open_task_id
    applications, certificates = "/api/intake/v1", "/api/certificates/v1"
    completion = {"outcome": "pass", "opinion": "材料齐全。", "reasons": "", "remedies": ""}
    use = {
        "purpose": "材料预填", "item_code": cast.item_code, "item_name": cast.item.name.zh, "application_id": drafted,
        "type_codes": known.members["type_codes"][0],
    }  # fmt: skip
    yield Write("nobody", "post", "/api/identity/v1/people", {}, {**bodies.citizen(citizen)})
    yield Write("citizen", "post", "/api/identity/v1/organisations", {}, {"name": organisation.name, "uscc": organisation.uscc})
    yield Write(
        "organisation", "post", f"{applications}/applications", {}, {"item_code": cast.item_code, "form": cast.form, "situation": {}}
    )
    yield Write(
        "organisation", "put", f"{applications}/applications/{{application_id}}/form", {"application_id": drafted}, {"form": cast.form},
        read=("get", f"{applications}/applications/{drafted}"),
    )  # fmt: skip
    yield Write(
        "reviewer", "post", "/api/approval/v1/tasks/{task_id}/complete", {"task_id": task}, completion,
        read=("post", f"/api/approval/v1/tasks/{task}/claim"),
    )  # fmt: skip
    yield Write(
        "clerk", "post", f"{applications}/window/applications/{{application_id}}/refuse", {"application_id": submitted},
        {"reasons": "不属于本部门职权范围。", "remedies": "可在六十日内申请行政复议。"},
        read=("get", f"{applications}/window/applications/{submitted}"),
    )  # fmt: skip
    yield Write("organisation", "post", f"{certificates}/uses", {}, use)
    yield Write("nobody", "post", f"{certificates}/verify", {}, {"jws": known.members["jws"][0]})
    yield Write(
        "system", "put", "/api/exchange/v1/subscriptions/{name}", {"name": "fuzz"},
        {"url": "http://127.0.0.1:9/", "event_types": ["tongban.intake.application.accepted.v1"]},
    )  # fmt: skip
