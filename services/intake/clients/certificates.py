"""The certificate library, asked with the applicant's own token: it answers only for the one who asks."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.http import HttpClient
from chassis.problems import Forbidden, Unavailable
from services.intake.rules.item import Item
from services.intake.rules.materials import Match

_PURPOSE = "网上申请时取得申请材料"
_SECONDS = 3.0


class _Uses(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    matches: tuple[Match, ...]


async def use_certificates(
    http: HttpClient, token: str, item: Item, application_id: UUID, type_codes: Sequence[str], *, attempt: str
) -> tuple[Match, ...] | None:
    """The applicant's valid certificates of these types, each use recorded; None when the library is away.

    An applicant who did not authorise the use gets no matches and is asked instead. `attempt` names this try: repeated, it
    records nothing twice.
    """
    body = {
        "purpose": _PURPOSE,
        "item_code": item.local_code,
        "item_name": item.name,
        "application_id": application_id,
        "type_codes": list(type_codes),
    }
    try:
        answer = await http.post(
            "certificates", "/uses", body, token=token, idempotency_key=f"{application_id}-{attempt}", timeout=_SECONDS
        )
    except Forbidden:
        return ()
    except Unavailable:
        return None
    return _Uses.model_validate_json(answer.body).matches
