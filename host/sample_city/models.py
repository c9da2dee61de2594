"""The shapes of the sample city's files.

Every model is frozen and refuses unknown fields, so a slip in a file fails at loading. Models check what one record can
know (code shapes, limits, a material's source); references between records are held by the tests.
Codes of organisations and certificate types are test codes with valid check characters; item base codes are official or absent.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from borders.records import OrganisationRecord, PersonRecord
from standards import certificate_id
from standards.citizen_id import parse_citizen_id
from standards.item_codes import parse_base_code, parse_implementation_code
from standards.uscc import parse_uscc
from standards.working_days import WorkingCalendar, YearExceptions

LimitUnit = Literal["working_days", "calendar_days"]
MaterialSource = Literal["applicant", "certificate", "shared", "commitment"]
MaterialForm = Literal["filled_form", "electronic", "original", "copy"]
Role = Literal["window_clerk", "reviewer", "decider", "supervisor", "item_editor", "item_reviewer"]
JsonSchema = dict[str, Any]
JsonDocument = dict[str, Any]

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
RegionCode = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
TestUscc = Annotated[str, AfterValidator(lambda code: parse_uscc(code).value)]
TestCitizenId = Annotated[str, AfterValidator(lambda number: parse_citizen_id(number).value), Field(repr=False)]
TypeCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{21}$"), AfterValidator(lambda code: parse_uscc(code[:18]).value + code[18:])]


class Record(BaseModel):
    """One record of the sample city."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Record):
    """A text for people, in Chinese and in English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Region(Record):
    """A division: level 1 province, 2 city, 3 district or county, 4 street or town."""

    code: RegionCode
    name: str
    level: Literal[1, 2, 3, 4]
    parent_code: RegionCode | None


class Department(Record):
    """A government body, under its key; `uscc` is a test code."""

    key: Key
    name: Bilingual
    uscc: TestUscc
    region_code: RegionCode


class DepartmentSystem(Record):
    """A department's own system, known by its OAuth client id."""

    client_id: Annotated[str, Field(pattern=r"^sys-[a-z-]+$")]
    name: Bilingual
    department: Key


class StaffMember(Record):
    """Somebody who works at a desk. `authority_grade` is how many pairs of hands this person completes: 1, 2 or 3."""

    login: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]+$")]
    name: str
    department: Key
    region_code: RegionCode
    post: Bilingual
    roles: tuple[Role, ...] = Field(min_length=1)
    authority_grade: Literal[1, 2, 3]


class Citizen(Record):
    """A person of the demonstration; the number is well formed and made for testing."""

    key: Key
    name: str
    citizen_id: TestCitizenId
    phone: Annotated[str, Field(pattern=r"^1390000[0-9]{4}$")]
    address: str
    region_code: RegionCode


class Organisation(Record):
    """A business of the demonstration; `legal_representative` is a citizen's key."""

    key: Key
    name: str
    name_en: str
    uscc: TestUscc
    kind: Literal["sole_trader", "company"]
    legal_representative: Key
    address: str
    business_scope: str
    established_on: date
    region_code: RegionCode


class SharedResource(Record):
    """Something one department knows and others may ask, named by materials of source `shared`."""

    key: Key
    name: Bilingual
    provider: Key


class CertificateType(Record):
    """A type of electronic certificate. `validity_months` is None where it does not run out."""

    key: Key
    type_code: TypeCode
    name: Bilingual
    issuer: Key
    holder_kind: Literal["person", "organisation"]
    validity_months: int | None = Field(ge=1)
    elements: JsonSchema


class Certificate(Record):
    """A certificate that exists before the platform does; `holder` is a citizen's or organisation's key."""

    type_code: TypeCode
    holder: Key
    issuer: Key
    number: str
    serial: Annotated[str, Field(pattern=r"^[0-9A-Z]+$")]
    version: int = Field(ge=1, le=999)
    issued_on: date
    valid_until: date | None
    elements: dict[str, Any] = Field(repr=False)

    def identifier(self, issuer_uscc: str) -> str:
        """The certificate identifier, with its check character."""
        return certificate_id.compose(self.type_code, issuer_uscc, self.serial, self.version)


class LegalBasis(Record):
    """An article an item stands on. `text` is quoted only where it was read word for word."""

    law: str
    version: date | None = None
    article: str
    text: str | None = None


class Limits(Record):
    """How long the authority has, counted in one unit. `statutory` is None where no statute sets a limit; `promised` 0: at once."""

    unit: LimitUnit
    statutory: int | None = Field(ge=1)
    statutory_basis: str | None
    promised: int = Field(ge=0)

    @model_validator(mode="after")
    def _a_promise_is_not_longer_than_the_law(self) -> Self:
        if self.statutory is not None and self.promised > self.statutory:
            raise ValueError("the promised limit exceeds the statutory one")
        if (self.statutory is None) != (self.statutory_basis is None):
            raise ValueError("a statutory limit is given with its basis, or not at all")
        return self


class Material(Record):
    """Something an application shows: drawn from the network where it can be, asked of the applicant only otherwise."""

    key: Key
    name: Bilingual
    source: MaterialSource
    certificate_type: TypeCode | None = None
    shared_resource: Key | None = None
    necessity: Literal["required", "conditional"] = "required"
    needed_when: str | None = None
    is_tolerant: bool = False
    tolerant_days: int | None = Field(default=None, ge=1)
    form: MaterialForm
    copies: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _what_belongs_together_is_together(self) -> Self:
        if (self.source == "certificate") != (self.certificate_type is not None):
            raise ValueError("a material of source certificate, and no other, names a certificate type")
        if (self.source == "shared") != (self.shared_resource is not None):
            raise ValueError("a material of source shared, and no other, names a shared resource")
        if (self.necessity == "conditional") != (self.needed_when is not None):
            raise ValueError("a conditional material, and no other, says when it is needed")
        if self.is_tolerant != (self.tolerant_days is not None):
            raise ValueError("a tolerant material, and no other, says within how many working days it follows")
        return self


class ProcessStep(Record):
    """One step of deciding: what is done, by which post, at which authority grade."""

    key: Key
    kind: Literal["review", "decide"]
    name: Bilingual
    role: Literal["reviewer", "decider"]
    authority_grade: Literal[1, 2, 3]


class Fee(Record):
    """What it costs. `basis` is present exactly when something is charged."""

    is_charged: bool
    text: Bilingual
    basis: str | None

    @model_validator(mode="after")
    def _a_charge_has_a_basis(self) -> Self:
        if self.is_charged != (self.basis is not None):
            raise ValueError("a charge has a basis; what is free needs none")
        return self


class Item(Record):
    """Something that can be asked of government here: an implementation, as its department would enter it.

    `service_objects` and `channels` are codes of GB/T 39046 (object 1 natural person, 2 enterprise, 3 institution, 4 social
    organisation; channel 1 window, 2 computer, 3 mobile). `synonyms` are what people call it. `situation_table`, `process_plan` and `details`
    (places, contacts, remedies) are as the catalog takes them: it knows their shapes.
    """

    key: Key
    name: Bilingual
    department: Key
    region_code: RegionCode
    item_type: Annotated[str, Field(pattern=r"^(0[1-9]|10|20)$")]
    exercise_level: Literal["3", "4"]
    base_code: Annotated[str, AfterValidator(lambda code: parse_base_code(code).value)] | None
    implementation_code: Annotated[str, AfterValidator(lambda code: parse_implementation_code(code).value)] | None
    local_code: str | None
    service_objects: tuple[Literal["1", "2", "3", "4", "5", "6"], ...] = Field(min_length=1)
    channels: tuple[Literal["1", "2", "3", "4"], ...] = Field(min_length=1)
    kind: Literal["instant", "committed"]
    limits: Limits
    visits: int = Field(ge=0, le=2)
    conditions: tuple[str, ...]
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)
    materials: tuple[Material, ...] = Field(min_length=1)
    form: JsonSchema
    situations: tuple[Bilingual, ...]
    situation_table: JsonDocument | None = None
    process: tuple[ProcessStep, ...] = Field(min_length=1)
    process_plan: JsonDocument | None = None
    special_procedures: tuple[Literal["hearing", "inspection", "testing", "expert_review"], ...]
    sensitivities: tuple[Literal["public_safety", "ecology", "health", "life"], ...]
    fee: Fee
    result_certificate_type: TypeCode | None
    details: JsonDocument = Field(default_factory=dict)
    synonyms: tuple[str, ...] = Field(min_length=3)


class BundleItem(Record):
    """An item of a bundle, by its key, and those that are done before it."""

    item: Key
    after: tuple[Key, ...]
    needed_when: str | None


class MaterialRef(Record):
    item: Key
    material: Key


class MaterialChoice(MaterialRef):
    decision: Literal["as_here", "apart"]


class FieldChoice(Record):
    item: Key
    field: str
    decision: Literal["as_here", "apart"]


class Bundle(Record):
    """Several items as one, as the department that leads it would enter it."""

    key: Key
    name: Bilingual
    about: Bilingual
    department: Key
    region_code: RegionCode
    items: tuple[BundleItem, ...] = Field(min_length=2)
    same_materials: tuple[tuple[MaterialRef, ...], ...]
    material_choices: tuple[MaterialChoice, ...]
    field_choices: tuple[FieldChoice, ...]
    synonyms: tuple[str, ...]


class CalendarDay(Record):
    """A day on which the notice departs from the week: off, or worked."""

    date: date
    kind: Literal["day_off", "workday"]
    name: Bilingual


class Calendar(Record):
    """The notices of some years. A year is loaded when one of its days is listed."""

    source: Bilingual
    days: tuple[CalendarDay, ...]

    def working_calendar(self) -> WorkingCalendar:
        def listed(year: int, kind: str) -> frozenset[date]:
            return frozenset(day.date for day in self.days if day.date.year == year and day.kind == kind)

        years = {day.date.year for day in self.days}
        return WorkingCalendar({year: YearExceptions(listed(year, "day_off"), listed(year, "workday")) for year in years})


class SampleCity(Record):
    """The whole sample city. `population_base` and `legal_person_base` feed the stand-in servers of `borders`."""

    name: Bilingual
    region_code: RegionCode
    regions: tuple[Region, ...]
    departments: tuple[Department, ...]
    systems: tuple[DepartmentSystem, ...]
    staff: tuple[StaffMember, ...]
    citizens: tuple[Citizen, ...]
    organisations: tuple[Organisation, ...]
    shared_resources: tuple[SharedResource, ...]
    certificate_types: tuple[CertificateType, ...]
    certificates: tuple[Certificate, ...]
    items: tuple[Item, ...]
    bundles: tuple[Bundle, ...]
    calendar: Calendar
    population_base: tuple[PersonRecord, ...]
    legal_person_base: tuple[OrganisationRecord, ...]

    def department(self, key: str) -> Department:
        """The department under a key. Raises `KeyError`."""
        return {department.key: department for department in self.departments}[key]

    def item(self, key: str) -> Item:
        """The item under a key. Raises `KeyError`."""
        return {item.key: item for item in self.items}[key]
