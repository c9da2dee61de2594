"""The sources at the border that verify people and organisations: population base, bank channel, face service, legal-person base.

One time budget for a whole verification, shared out so that a source that hangs leaves the others their part.
"""

from collections.abc import Sequence
import time

from chassis.http import Transport
from services.identity.clients.border import BorderSource
from services.identity.rules.people import Finding
from services.identity.rules.verification import Check, Evidence, Source, is_settled, seconds_for_next, sources_for
from services.identity.settings import IdentitySettings


class Verifiers:
    """All sources, over one pool of connections."""

    def __init__(self, transport: Transport, settings: IdentitySettings) -> None:
        self._seconds = settings.border_seconds
        self._order: Sequence[Source] = settings.verifier_order
        self._of_people: dict[Source, BorderSource] = {
            "population-base": BorderSource(transport, "population-base", settings.population_base_url, "/verify-person"),
            "bank-channel": BorderSource(transport, "bank-channel", settings.bank_channel_url, "/verify-card"),
            "face-service": BorderSource(transport, "face-service", settings.face_service_url, "/verify-face"),
        }
        self._legal_person = BorderSource(transport, "legal-person-base", settings.legal_person_base_url, "/verify-organisation")

    def sources_for(self, evidence: Evidence, *, above: int = 0) -> tuple[Source, ...]:
        return sources_for(evidence, self._order, above=above)

    async def verify_person(self, evidence: Evidence, *, above: int = 0) -> list[Check]:
        """Ask one source after the other until one says yes or no; what each said, in order."""
        give_up = time.monotonic() + self._seconds
        checks: list[Check] = []
        left = list(self.sources_for(evidence, above=above))
        while left:
            source = left.pop(0)
            others = sum(self._of_people[other].is_worth_asking for other in left)
            seconds = seconds_for_next(give_up - time.monotonic(), 1 + others)
            finding: Finding = "unreachable"
            if seconds > 0:
                finding = await self._of_people[source].ask(_claim(source, evidence), seconds=seconds)
            checks.append(Check(source, finding))
            if is_settled(finding):
                break
        return checks

    async def verify_organisation(self, *, name: str, uscc: str, representative_name: str, representative_citizen_id: str) -> Finding:
        """Whether the name and code belong together and this person is the legal representative."""
        claim = {
            "name": name,
            "uscc": uscc,
            "legal_representative_name": representative_name,
            "legal_representative_citizen_id": representative_citizen_id,
        }
        return await self._legal_person.ask(claim, seconds=self._seconds)

    async def verify_face(self, evidence: Evidence) -> Check:
        """The face alone, for a person who stands before a clerk."""
        finding = await self._of_people["face-service"].ask(_claim("face-service", evidence), seconds=self._seconds)
        return Check("face-service", finding)


def _claim(source: Source, evidence: Evidence) -> dict[str, str]:
    claim = {"name": evidence.name, "citizen_id": evidence.citizen_id}
    if source == "bank-channel":
        claim |= {"card": evidence.bank_card or "", "phone": evidence.phone}
    if source == "face-service":
        claim |= {"liveness_reference": evidence.liveness_reference or ""}
    return claim
