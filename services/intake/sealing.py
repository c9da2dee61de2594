"""Forms at rest: one ciphertext per application, bound to it, so that a row copied elsewhere does not open."""

from typing import Any
from uuid import UUID

import orjson

from chassis.crypto import KeyRing


def seal_form(keys: KeyRing, application_id: UUID, form: dict[str, Any]) -> str:
    """The form as ciphertext."""
    return keys.encrypt(orjson.dumps(form).decode(), context=_context(application_id))


def open_form(keys: KeyRing, application_id: UUID, sealed: str) -> dict[str, Any]:
    """The form. Raises CannotDecrypt for another application's, or a key that is gone."""
    form: dict[str, Any] = orjson.loads(keys.decrypt(sealed, context=_context(application_id)))
    return form


def _context(application_id: UUID) -> str:
    return f"applications:form:{application_id}"
