"""The sample city as the bodies of API requests: what a city's own loading program would send."""

from collections.abc import Mapping
from typing import Any, Final

from host.sample_city.models import (
    Bilingual,
    Bundle,
    Certificate,
    CertificateType,
    Citizen,
    Department,
    DepartmentSystem,
    Item,
    LimitUnit,
    Material,
    ProcessStep,
    Role,
    SampleCity,
    StaffMember,
)

SAMPLE_PASSWORD: Final = "guangan-2026"
"""Of every sample person; they are nobody, and their city exists on one machine."""

SYSTEM_SCOPES: Final = ("certificates.supply", "exchange.subscribe", "exchange.evidence.read", "catalog.items.maintain")

Body = dict[str, Any]

_POSTS: Mapping[Role, str] = {
    "window_clerk": "window",
    "reviewer": "reviewer",
    "decider": "decider",
    "supervisor": "supervisor",
    "item_editor": "item-editor",
    "item_reviewer": "item-reviewer",
}
_UNITS: Mapping[LimitUnit, str] = {"working_days": "working_day", "calendar_days": "calendar_day"}


def regions(city: SampleCity) -> Body:
    return {"regions": [region.model_dump() for region in city.regions]}


def calendar_years(city: SampleCity) -> dict[int, Body]:
    """The notice of each year that has one."""
    years = {day.date.year for day in city.calendar.days}
    return {
        year: {
            "holidays": [day.date.isoformat() for day in city.calendar.days if day.date.year == year and day.kind == "day_off"],
            "workdays": [day.date.isoformat() for day in city.calendar.days if day.date.year == year and day.kind == "workday"],
            "source": city.calendar.source.zh,
        }
        for year in sorted(years)
    }


def department(department: Department) -> Body:
    return {"name": department.name.zh, "name_en": department.name.en, "region": department.region_code}


def staff_member(city: SampleCity, member: StaffMember) -> Body:
    return {
        "name": member.name,
        "department": city.department(member.department).uscc,
        "region": member.region_code,
        "posts": [_POSTS[role] for role in member.roles],
        "grade": member.authority_grade,
        "password": SAMPLE_PASSWORD,
    }


def department_system(city: SampleCity, system: DepartmentSystem, secret: str) -> Body:
    return {
        "name": system.name.zh,
        "kind": "confidential",
        "department": city.department(system.department).uscc,
        "scopes": list(SYSTEM_SCOPES),
        "secret": secret,
    }


def citizen(citizen: Citizen) -> Body:
    """A sign-up."""
    return {"name": citizen.name, "citizen_id": citizen.citizen_id, "phone": citizen.phone, "password": SAMPLE_PASSWORD}


def certificate_type(kind: CertificateType) -> Body:
    return {
        "name": kind.name.zh,
        "name_en": kind.name.en,
        "holder_kind": kind.holder_kind,
        "validity_months": kind.validity_months,
        "elements": kind.elements,
    }


def obtainable_materials(city: SampleCity) -> dict[str, Body]:
    """What the network can supply, by code: certificates of the library and shared resources."""
    certificates: dict[str, Body] = {kind.type_code: {"source": "certificate", "names": [kind.name.zh]} for kind in city.certificate_types}
    shared: dict[str, Body] = {resource.key: {"source": "shared", "names": [resource.name.zh]} for resource in city.shared_resources}
    return certificates | shared


def certificate(city: SampleCity, certificate: Certificate) -> Body:
    """A certificate that its department issued before the platform existed."""
    issuer = city.department(certificate.issuer)
    return {
        "type_code": certificate.type_code,
        "number": certificate.number,
        "version": certificate.version,
        "serial": certificate.serial,
        "holder": _holder(city, certificate.holder),
        "issuer": {"code": issuer.uscc, "name": issuer.name.zh},
        "region_code": issuer.region_code,
        "issued_on": certificate.issued_on.isoformat(),
        "valid_from": certificate.issued_on.isoformat(),
        "valid_until": certificate.valid_until.isoformat() if certificate.valid_until else None,
        "elements": certificate.elements,
    }


def _holder(city: SampleCity, key: str) -> Body:
    for person in city.citizens:
        if person.key == key:
            return {"kind": "person", "name": person.name, "code": person.citizen_id}
    organisation = next(organisation for organisation in city.organisations if organisation.key == key)
    return {"kind": "organisation", "name": organisation.name, "code": organisation.uscc}


def item_code(item: Item) -> str:
    """The code an item is published under: its department's, or its key where the department has none for it."""
    return item.local_code or item.key


def item(city: SampleCity, item: Item) -> Body:
    authority = city.department(item.department)
    limits = item.limits
    unit = _UNITS[limits.unit]
    issued = next((kind for kind in city.certificate_types if kind.type_code == item.result_certificate_type), None)
    return {
        "name": item.name.zh,
        "name_en": item.name.en,
        "authority": {"code": authority.uscc, "name": authority.name.zh, "name_en": authority.name.en},
        **item.model_dump(
            mode="json",
            include={
                "region_code", "item_type", "exercise_level", "base_code", "implementation_code", "service_objects", "channels", "kind",
                "visits", "conditions", "legal_basis", "form", "situations", "special_procedures", "sensitivities", "fee", "synonyms",
            },
        ),
        "statutory_limit": {"days": limits.statutory, "unit": unit, "basis": limits.statutory_basis} if limits.statutory else None,
        "promised_limit": {"days": limits.promised, "unit": unit},
        "materials": [_material(material) for material in item.materials],
        "process": [_step(step) for step in item.process],
        "result_type_code": item.result_certificate_type,
        "result_validity_months": issued.validity_months if issued else None,
        "results": [_result(item, issued, authority)] if issued else [],
        **{name: value for name in ("situation_table", "process_plan") if (value := getattr(item, name)) is not None},
        **item.details,
    }  # fmt: skip


def _result(item: Item, issued: CertificateType, authority: Department) -> Body:
    """The certificate that comes of it, under the seal of the authority that decides."""
    return {
        "name": issued.name.model_dump(),
        "kind": "licence" if item.item_type == "01" else "certificate",
        "type_code": issued.type_code,
        "validity_months": issued.validity_months,
        "seal": {"kind": "authority", "name": {"zh": f"{authority.name.zh}印章", "en": f"Seal of {authority.name.en}"}},
    }


def bundle(city: SampleCity, bundle: Bundle) -> Body:
    authority = city.department(bundle.department)
    codes = {one.key: item_code(one) for one in city.items}
    return {
        **_named(bundle.name),
        "about": bundle.about.model_dump(),
        "authority": {"code": authority.uscc, "name": authority.name.zh, "name_en": authority.name.en},
        "region_code": bundle.region_code,
        "items": [
            {"local_code": codes[one.item], "after": [codes[key] for key in one.after], "needed_when": one.needed_when}
            for one in bundle.items
        ],
        "same_materials": [[{"item": codes[ref.item], "material": ref.material} for ref in refs] for refs in bundle.same_materials],
        "material_choices": [{**one.model_dump(), "item": codes[one.item]} for one in bundle.material_choices],
        "field_choices": [{**one.model_dump(), "item": codes[one.item]} for one in bundle.field_choices],
        "synonyms": list(bundle.synonyms),
    }


def _material(material: Material) -> Body:
    return {**material.model_dump(mode="json", exclude={"name"}), **_named(material.name)}


def _step(step: ProcessStep) -> Body:
    return {"key": step.key, **_named(step.name), "kind": step.kind, "post": _POSTS[step.role], "grade": step.authority_grade}


def _named(name: Bilingual) -> Body:
    return {"name": name.zh, "name_en": name.en}
