"""Process: the steps of deciding. As a list, run one after the other, and as a plan with stages, branches and returns."""

from typing import Literal

from pydantic import Field

from services.catalog.rules.content.parts import Authority, Bilingual, Content, Key, Name, Sentence

StepKind = Literal[
    "review", "check", "decide", "site_visit", "inspection", "testing", "expert_review", "hearing", "joint_session", "cosign",
    "publicity", "payment", "certificate", "delivery",
]  # fmt: skip
SpecialProcedure = Literal["hearing", "inspection", "testing", "expert_review"]


class ProcessStep(Content):
    """One step of deciding: what is done, by which post, at which authority grade (1 to 3 pairs of hands)."""

    key: Key
    name: Name
    name_en: Name | None = None
    kind: Literal["review", "decide"]
    post: Key
    grade: int = Field(ge=1, le=3)


class Stage(Content):
    """A part of the process as people speak of it: acceptance, review, decision, delivery."""

    key: Key
    name: Bilingual


class Way(Content):
    """Where a step leads. `when` names the outcome it is taken on; a return goes back to a step before."""

    to: Key
    when: Bilingual | None = None
    is_return: bool = False


class Participant(Content):
    """A department that sits in a joint session, or signs with the one that decides."""

    authority: Authority
    post: Key | None = None


class PlanStep(Content):
    """A step of a plan. The first step of the plan begins it; a step without ways ends it.

    `days` counts in the unit of the item's promised limit; of a special procedure (a hearing, an inspection, testing, an expert review:
    Licensing Law art. 45) it is that procedure's own limit, for which the clock stands. `split` says whether one of several ways is taken, or
    all at once; `waits_for` whether the step begins with the first branch that arrives, or when all have. `authority` is who does it,
    where that is not the item's. `is_beyond_catalog`: a step that the base catalog does not have; `basis` is what it stands on.
    """

    key: Key
    name: Name
    name_en: Name | None = None
    stage: Key | None = None
    kind: StepKind
    post: Key
    grade: int = Field(default=1, ge=1, le=3)
    authority: Authority | None = None
    days: int | None = Field(default=None, ge=0, le=3650)
    ways: list[Way] = Field(default_factory=list, max_length=40)
    split: Literal["one", "all"] = "one"
    waits_for: Literal["any", "all"] = "any"
    participants: list[Participant] = Field(default_factory=list, max_length=40)
    is_beyond_catalog: bool = False
    basis: Sentence | None = None


class ProcessPlan(Content):
    """The process whole. The item's `process` is the part of it that the deciding department's desks run."""

    stages: list[Stage] = Field(default_factory=list, max_length=20)
    steps: list[PlanStep] = Field(min_length=1, max_length=100)


class SpecialLimit(Content):
    """How long a special procedure may take; the applicant is told (Licensing Law art. 45)."""

    kind: SpecialProcedure
    days: int = Field(ge=1, le=3650)
    unit: Literal["working_day", "calendar_day"] = "working_day"
    basis: Sentence | None = None
    text: Bilingual | None = None
