"""An item as intake needs it: the published version an application begins with and keeps.

A narrow reading of the catalog's guide: members intake does not need are ignored.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.intake.rules.limits import Limit


class _Reading(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Authority(_Reading):
    """The department that decides; `code` is its USCC."""

    code: str
    name: str


class Ask(_Reading):
    """A material the item asks for. `needed_when` says, for people, when a conditional one is needed."""

    key: str
    name: str
    name_en: str | None = None
    source: Literal["applicant", "certificate", "shared", "commitment"]
    certificate_type: str | None = None
    necessity: Literal["required", "conditional"] = "required"
    needed_when: str | None = None
    form: str = "electronic"


class ProcessStep(_Reading):
    """One step of deciding: by which post, at which authority grade."""

    key: str
    name: str
    post: str
    grade: int
    kind: Literal["review", "decide"]


class Standing(_Reading):
    """How the item stands at the catalog: a frozen one takes no new application, those under way go on."""

    state: str
    since: AwareDatetime | None = None
    reason: str | None = None


class Item(_Reading):
    """One published version. `form` is the JSON Schema of the application form. What was read holds until `holds_until` at most."""

    local_code: str
    version_id: UUID
    name: str
    name_en: str | None = None
    authority: Authority
    region_code: str
    kind: Literal["instant", "committed"]
    statutory_limit: Limit | None = None
    promised_limit: Limit
    materials: tuple[Ask, ...]
    form: dict[str, Any]
    process: tuple[ProcessStep, ...]
    result_type_code: str | None = None
    result_validity_months: int | None = None
    standing: Standing | None = None
    holds_until: AwareDatetime | None = None

    @property
    def is_frozen(self) -> bool:
        return self.standing is not None and self.standing.state == "frozen"

    def ask(self, key: str) -> Ask | None:
        """The material under a key."""
        return next((ask for ask in self.materials if ask.key == key), None)
