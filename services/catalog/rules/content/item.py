"""An item whole: everything that a version of it says."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.catalog.rules.content.guide import (
    Appointment,
    Contact,
    DelegatedAuthority,
    ExpressDelivery,
    Fee,
    FeeEntry,
    FormSection,
    GuideText,
    Place,
    QuantityLimit,
    Question,
    Remedy,
    Result,
)
from services.catalog.rules.content.materials import Material
from services.catalog.rules.content.parts import (
    Authority,
    Bilingual,
    Code,
    Content,
    JsonDocument,
    LegalBasis,
    Name,
    PromisedLimit,
    Sentence,
    StatutoryLimit,
    WebAddress,
)
from services.catalog.rules.content.process import ProcessPlan, ProcessStep, SpecialLimit, SpecialProcedure
from services.catalog.rules.content.situations import SituationTable
from services.catalog.rules.regions import RegionCode


class ItemContent(Content):
    """Everything a version of an item says. `form` is a JSON Schema 2020-12 of the application form, `form_layout` its order.

    `process` are the steps that desks run one after the other; `process_plan`, where there is one, is the whole process around them.
    `situations` are named for people; `situation_table` decides which of them one is in and what it asks for.
    """

    name: Name
    name_en: Name | None = None
    authority: Authority
    delegated_authority: DelegatedAuthority | None = None
    region_code: RegionCode
    item_type: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|10|20)$")]
    exercise_level: Literal["1", "2", "3", "4", "5", "6"]
    base_code: Code | None = Field(default=None, description="12 characters.")
    implementation_code: Code | None = Field(
        default=None, description="31 characters: the authority's code, the exercise level, the base code."
    )
    handling_item_code: Code | None = Field(default=None, description="33 characters: the implementation code and two digits.")
    service_objects: list[Literal["1", "2", "3", "4", "5", "6"]] = Field(min_length=1, max_length=6)
    channels: list[Literal["1", "2", "3", "4"]] = Field(min_length=1, max_length=4)
    web_address: WebAddress | None = None
    reach: Literal["county", "city", "province", "nation"] = Field(
        default="county", description="Where else in the land it can be asked for."
    )
    kind: Literal["instant", "committed"]
    statutory_limit: StatutoryLimit | None = None
    promised_limit: PromisedLimit
    visits: int = Field(ge=0, le=9)
    conditions: list[Sentence] = Field(default_factory=list, max_length=100)
    quantity_limit: QuantityLimit | None = None
    legal_basis: list[LegalBasis] = Field(min_length=1, max_length=50)
    materials: list[Material] = Field(max_length=100)
    form: JsonDocument
    form_layout: list[FormSection] = Field(default_factory=list, max_length=50)
    situations: list[Bilingual] = Field(default_factory=list, max_length=100)
    situation_table: SituationTable | None = None
    process: list[ProcessStep] = Field(min_length=1, max_length=20)
    process_plan: ProcessPlan | None = None
    special_procedures: list[SpecialProcedure] = Field(default_factory=list, max_length=4)
    special_limits: list[SpecialLimit] = Field(default_factory=list, max_length=8)
    sensitivities: list[Literal["public_safety", "ecology", "health", "life"]] = Field(default_factory=list, max_length=4)
    fee: Fee
    fee_entries: list[FeeEntry] = Field(default_factory=list, max_length=50)
    result_type_code: Code | None = None
    result_validity_months: int | None = Field(default=None, ge=1, le=1200)
    results: list[Result] = Field(default_factory=list, max_length=20)
    places: list[Place] = Field(default_factory=list, max_length=200)
    appointment: Appointment | None = None
    express_delivery: ExpressDelivery | None = None
    consultation: list[Contact] = Field(default_factory=list, max_length=20)
    complaints: list[Contact] = Field(default_factory=list, max_length=20)
    remedies: list[Remedy] = Field(default_factory=list, max_length=10)
    guide_texts: list[GuideText] = Field(default_factory=list, max_length=30)
    synonyms: list[Annotated[str, StringConstraints(min_length=1, max_length=60)]] = Field(default_factory=list, max_length=100)
    faq: list[Question] = Field(default_factory=list, max_length=50)
