"""What an item says: the content that its department publishes and a version keeps for ever.

The models check what one field can know; what must hold between fields, and what the law refuses, is `rules.publication`,
which names every failure at once. Codes of kinds are those of GB/T 39046 (`standards.item_codes`). A field that is added has a
default, so that every published version stays readable and keeps its digest.
"""

from services.catalog.rules.content.guide import (
    Appointment,
    Contact,
    DelegatedAuthority,
    ExpressDelivery,
    Fee,
    FeeEntry,
    FormSection,
    GuideText,
    OpeningHours,
    Place,
    QuantityLimit,
    Question,
    Remedy,
    Result,
    Seal,
)
from services.catalog.rules.content.item import ItemContent
from services.catalog.rules.content.materials import Material, MaterialSource, Sample
from services.catalog.rules.content.parts import (
    Authority,
    Bilingual,
    Code,
    Content,
    JsonDocument,
    Key,
    LegalBasis,
    LimitUnit,
    LocalCode,
    Name,
    Passage,
    PromisedLimit,
    Sentence,
    StatutoryLimit,
)
from services.catalog.rules.content.process import (
    Participant,
    PlanStep,
    ProcessPlan,
    ProcessStep,
    SpecialLimit,
    SpecialProcedure,
    Stage,
    StepKind,
    Way,
)
from services.catalog.rules.content.situations import Choice, Instead, SituationQuestion, SituationRow, SituationTable

__all__ = [
    "Appointment", "Authority", "Bilingual", "Choice", "Code", "Contact", "Content", "DelegatedAuthority", "ExpressDelivery", "Fee",
    "FeeEntry", "FormSection", "GuideText", "Instead", "ItemContent", "JsonDocument", "Key", "LegalBasis", "LimitUnit", "LocalCode",
    "Material", "MaterialSource", "Name", "OpeningHours", "Participant", "Passage", "Place", "PlanStep", "ProcessPlan", "ProcessStep",
    "PromisedLimit", "QuantityLimit", "Question", "Remedy", "Result", "Sample", "Seal", "Sentence", "SituationQuestion", "SituationRow",
    "SituationTable", "SpecialLimit", "SpecialProcedure", "Stage", "StatutoryLimit", "StepKind", "Way",
]  # fmt: skip
