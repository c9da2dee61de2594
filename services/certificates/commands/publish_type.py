"""Publish a certificate type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
import hashlib
import json
from typing import Any

from chassis.database import WriteTx
from services.certificates import store
from services.certificates.errors import CertificateTypeInvalid, field_errors
from services.certificates.rules.certificates import HolderKind
from services.certificates.rules.elements import schema_faults


@dataclass(frozen=True, slots=True)
class PublishType:
    """A type as its defining authority states it. `validity_months` None: it does not run out."""

    code: str
    name: str
    name_en: str
    holder_kind: HolderKind
    number_prefix: str
    validity_months: int | None
    elements: Mapping[str, Any]

    def fingerprint(self) -> str:
        """The same for the same content; the order of elements counts, because it is the order of lines."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False).encode()).hexdigest()


async def publish_type(command: PublishType, tx: WriteTx) -> bool:
    """Whether a new version was made; unchanged content keeps its version. Raises CertificateTypeInvalid."""
    faults = schema_faults(command.elements)
    if faults:
        raise CertificateTypeInvalid(errors=field_errors(faults))
    await store.lock_type(tx, command.code)
    current = await store.current_type(tx, command.code)
    fingerprint = command.fingerprint()
    if current is not None and current["fingerprint"] == fingerprint:
        return False
    version = 1 if current is None else current["version"] + 1
    await store.insert_type(tx, {**asdict(command), "version": version, "fingerprint": fingerprint})
    return True
