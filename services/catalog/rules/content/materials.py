"""Materials: what an application shows, where it comes from, and how well it must be proven."""

from typing import Literal

from pydantic import Field

from services.catalog.rules.content.parts import Bilingual, Code, Content, Key, LegalBasis, Name, Passage, Sentence, WebAddress

MaterialSource = Literal["applicant", "certificate", "shared", "commitment"]


class Sample(Content):
    """What a material looks like: a blank to fill in, one filled in, or one that is wrong and why. A file, or its text."""

    kind: Literal["blank", "filled", "wrong"]
    title: Bilingual
    address: WebAddress | None = None
    text: Passage | None = None


class Material(Content):
    """Something an application shows: drawn from the network where it can be, asked of the applicant only otherwise.

    `certificate_type` and `shared_resource` say where the network has it; `tolerant_days` within how many working days it may follow.
    `is_core`: nothing can be judged without it. `trust_grade`: the least an electronic copy must be worth, A (the issuer's seal and a
    watermark of the use) to D. `checks`: what a reviewer looks at. `is_beyond_catalog`: asked here, not in the base catalog.
    """

    key: Key
    name: Name
    name_en: Name | None = None
    source: MaterialSource
    certificate_type: Code | None = None
    shared_resource: Key | None = None
    necessity: Literal["required", "conditional"] = "required"
    needed_when: Sentence | None = None
    is_core: bool = False
    is_tolerant: bool = False
    tolerant_days: int | None = Field(default=None, ge=1, le=365)
    form: Literal["filled_form", "electronic", "original", "copy"] = "electronic"
    copies: int = Field(default=1, ge=1, le=50)
    trust_grade: Literal["A", "B", "C", "D"] | None = None
    issued_by: Bilingual | None = None
    note: Bilingual | None = None
    checks: list[Bilingual] = Field(default_factory=list, max_length=30)
    legal_basis: list[LegalBasis] = Field(default_factory=list, max_length=20)
    is_beyond_catalog: bool = False
    samples: list[Sample] = Field(default_factory=list, max_length=10)
