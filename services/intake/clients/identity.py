"""Identity, for the applicant's number: a person's only as its mask, an organisation's in full."""

from pydantic import BaseModel, ConfigDict

from chassis.http import HttpClient
from standards import uscc


class Principal(BaseModel):
    """What identity says of the token's principal; which members there are depends on its kind."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    citizen_id_masked: str | None = None
    uscc: str | None = None

    @property
    def code_masked(self) -> str:
        return uscc.mask(self.uscc) if self.uscc else self.citizen_id_masked or ""


async def principal(http: HttpClient, token: str) -> Principal:
    """Whom the token is for. Raises PeerRefused, Unavailable."""
    return Principal.model_validate_json((await http.get("identity", "/me", token=token)).body)
