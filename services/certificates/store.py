"""Every SQL statement of the certificate library.

Who may see a certificate is part of the statement (`_visible_to`): a certificate somebody may not see is not found.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, case, exists, false, func, insert, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.actor import Actor
from chassis.database import ReadTx, WriteTx
from services.certificates.tables import certificate_types as types
from services.certificates.tables import certificate_uses as uses
from services.certificates.tables import certificates, number_sequences, signing_keys

_SIGNING_KEYS_LOCK = 0x63657274
_TYPE_COLUMNS = (
    types.c.code, types.c.version, types.c.name, types.c.name_en, types.c.holder_kind, types.c.number_prefix,
    types.c.validity_months, types.c.elements, types.c.published_at,
)  # fmt: skip
_LISTED = (
    certificates.c.id, certificates.c.identifier, certificates.c.type_code, types.c.name.label("type_name"), certificates.c.number,
    certificates.c.holder_kind, certificates.c.holder_name, certificates.c.issuer_code, certificates.c.issuer_name,
    certificates.c.issued_on, certificates.c.valid_from, certificates.c.valid_until,
)  # fmt: skip
_OF_ITS_TYPE = and_(types.c.code == certificates.c.type_code, types.c.version == certificates.c.type_version)


# -- the directory of types --


async def lock_type(tx: WriteTx, code: str) -> None:
    """Hold everybody else who publishes this type until the commit, also when it does not exist yet."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"certificate-type:{code}", 0))))


async def current_type(tx: ReadTx, code: str) -> RowMapping | None:
    return await tx.one_or_none(
        select(*_TYPE_COLUMNS, types.c.fingerprint).where(types.c.code == code).order_by(types.c.version.desc()).limit(1)
    )


async def insert_type(tx: WriteTx, values: Mapping[str, Any]) -> None:
    await tx.execute(insert(types).values(**values, published_at=tx.now))


async def list_types(tx: ReadTx, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """The current version of each type, by code."""
    statement = select(*_TYPE_COLUMNS).ext(distinct_on(types.c.code)).order_by(types.c.code, types.c.version.desc()).limit(limit)
    return await tx.all(statement if after is None else statement.where(types.c.code > after))


# -- certificates --


async def insert_certificate(tx: WriteTx, values: Mapping[str, Any]) -> bool:
    """Whether it was new: False when the same type, number and version, identifier, or case has one already."""
    return await tx.execute(upsert(certificates).values(**values, entered_at=tx.now).on_conflict_do_nothing()) == 1


async def case_has_certificate(tx: ReadTx, case_id: UUID) -> bool:
    return await tx.scalar(select(certificates.c.id).where(certificates.c.case_id == case_id)) is not None


async def take_number(tx: WriteTx, *, type_code: str, region_code: str, year: int) -> int:
    """The next number of a type in a region and year; its row stays locked until the commit, so none is given twice."""
    first = upsert(number_sequences).values(type_code=type_code, region_code=region_code, year=year, last_number=1)
    number: int = await tx.scalar(
        first.on_conflict_do_update(
            index_elements=[number_sequences.c.type_code, number_sequences.c.region_code, number_sequences.c.year],
            set_={"last_number": number_sequences.c.last_number + 1},
        ).returning(number_sequences.c.last_number)
    )
    return number


async def visible_certificate(tx: ReadTx, actor: Actor, certificate_id: UUID) -> RowMapping | None:
    """One certificate with its signed text and its type's schema, if this actor may see it."""
    return await tx.one_or_none(
        select(*_LISTED, certificates.c.holder_index, certificates.c.entered_at, certificates.c.signed_sealed, types.c.elements)
        .join(types, _OF_ITS_TYPE)
        .where(certificates.c.id == certificate_id, _visible_to(actor))
    )


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """Holders see their own; a department's system what the department issued; another service what was put to use."""
    if actor.kind in ("person", "organisation"):
        return certificates.c.holder_index == actor.holder_index if actor.holder_index else false()
    if actor.kind == "system":
        return certificates.c.issuer_code == actor.department if actor.department else false()
    if actor.kind == "service":
        return exists().where(uses.c.certificate_id == certificates.c.id)
    return false()


async def certificate_by_identifier(tx: ReadTx, identifier: str) -> RowMapping | None:
    return await tx.one_or_none(select(*_LISTED).join(types, _OF_ITS_TYPE).where(certificates.c.identifier == identifier))


async def list_held(tx: ReadTx, holder_index: str, *, after: UUID | None, limit: int) -> Sequence[RowMapping]:
    """A holder's certificates, the latest entered first."""
    statement = select(*_LISTED).join(types, _OF_ITS_TYPE).where(certificates.c.holder_index == holder_index)
    statement = statement.order_by(certificates.c.id.desc()).limit(limit)
    return await tx.all(statement if after is None else statement.where(certificates.c.id < after))


async def find_valid(tx: ReadTx, holder_indexes: Sequence[str], type_codes: Sequence[str], *, on: date) -> Sequence[RowMapping]:
    """For each type the one certificate to use: the first holder's before the second's, then the latest issued."""
    rank = case({index: place for place, index in enumerate(holder_indexes)}, value=certificates.c.holder_index)
    return await tx.all(
        select(*_LISTED, certificates.c.holder_index, certificates.c.signed_sealed)
        .join(types, _OF_ITS_TYPE)
        .where(
            tuple_(certificates.c.holder_index, certificates.c.type_code).in_([(i, t) for i in holder_indexes for t in type_codes]),
            certificates.c.valid_from <= on,
            or_(certificates.c.valid_until.is_(None), certificates.c.valid_until >= on),
        )
        .ext(distinct_on(certificates.c.type_code))
        .order_by(certificates.c.type_code, rank, certificates.c.issued_on.desc(), certificates.c.id.desc())
    )


# -- uses --


async def insert_uses(tx: WriteTx, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await tx.execute(insert(uses), [{**row, "used_at": tx.now} for row in rows])


async def list_uses(tx: ReadTx, holder_index: str, *, after: UUID | None, limit: int) -> Sequence[RowMapping]:
    """Who used a holder's certificates, the latest first."""
    statement = (
        select(
            uses.c.id, uses.c.certificate_id, certificates.c.identifier, types.c.name.label("type_name"), uses.c.purpose, uses.c.item_code,
            uses.c.item_name, uses.c.application_id, uses.c.user_kind, uses.c.user_name, uses.c.client_id, uses.c.used_at,
        )
        .join(certificates, certificates.c.id == uses.c.certificate_id)
        .join(types, _OF_ITS_TYPE)
        .where(uses.c.holder_index == holder_index)
        .order_by(uses.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return await tx.all(statement if after is None else statement.where(uses.c.id < after))


# -- signing keys --


async def lock_signing_keys(tx: WriteTx) -> None:
    await tx.execute(select(func.pg_advisory_xact_lock(_SIGNING_KEYS_LOCK)))


async def current_signing_key(tx: ReadTx) -> RowMapping | None:
    return await tx.one_or_none(
        select(signing_keys.c.key_id, signing_keys.c.private_sealed).order_by(signing_keys.c.created_at.desc()).limit(1)
    )


async def insert_signing_key(tx: WriteTx, *, key_id: str, public_jwk: Mapping[str, Any], private_sealed: str) -> None:
    await tx.execute(insert(signing_keys).values(key_id=key_id, public_jwk=public_jwk, private_sealed=private_sealed, created_at=tx.now))


async def public_keys(tx: ReadTx) -> Sequence[Mapping[str, Any]]:
    """Every public key that ever signed, as JWKs: old certificates stay verifiable."""
    return [row["public_jwk"] for row in await tx.all(select(signing_keys.c.public_jwk).order_by(signing_keys.c.created_at))]


async def public_key(tx: ReadTx, key_id: str) -> Mapping[str, Any] | None:
    jwk: Mapping[str, Any] | None = await tx.scalar(select(signing_keys.c.public_jwk).where(signing_keys.c.key_id == key_id))
    return jwk
