"""People, organisations and who represents them; departments and staff as they are read by others than administrators."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.tables import departments, organisations, people, representations, staff

_PERSON = (
    people.c.id, people.c.name, people.c.citizen_id, people.c.citizen_id_index, people.c.phone, people.c.password_hash, people.c.assurance,
)  # fmt: skip
_ORGANISATION = (organisations.c.id, organisations.c.name, organisations.c.uscc, organisations.c.holder_index)
_STAFF = (
    staff.c.id, staff.c.login, staff.c.name, staff.c.department, staff.c.region, staff.c.posts, staff.c.grade, staff.c.password_hash,
    staff.c.left_at,
)  # fmt: skip
_DEPARTMENT = (
    departments.c.uscc, departments.c.name, departments.c.name_en, departments.c.region, departments.c.parent, departments.c.version,
)  # fmt: skip


async def insert_person(tx: WriteTx, row: dict[str, Any]) -> bool:
    """False when the number already has an account."""
    statement = insert(people).values(**row).on_conflict_do_nothing(index_elements=[people.c.citizen_id_index])
    return await tx.execute(statement) == 1


async def person(tx: ReadTx, person_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_PERSON).where(people.c.id == person_id))


async def person_by_citizen_id(tx: ReadTx, index: str) -> RowMapping | None:
    return await tx.one_or_none(select(*_PERSON).where(people.c.citizen_id_index == index))


async def people_by_phone(tx: ReadTx, index: str) -> Sequence[RowMapping]:
    """At most two: enough to know whether the phone number names one account."""
    return await tx.all(select(*_PERSON).where(people.c.phone_index == index).limit(2))


async def people_who_confirmed_phone(tx: ReadTx, index: str) -> Sequence[RowMapping]:
    """At most two, as above, of those whose phone the number has proven to be."""
    is_theirs = (people.c.phone_index == index) & people.c.phone_confirmed_at.is_not(None)
    return await tx.all(select(*_PERSON).where(is_theirs).limit(2))


async def insert_organisation(tx: WriteTx, row: dict[str, Any]) -> bool:
    """False when the code is registered already."""
    statement = insert(organisations).values(**row).on_conflict_do_nothing(index_elements=[organisations.c.uscc])
    return await tx.execute(statement) == 1


async def lock_organisation_by_uscc(tx: WriteTx, uscc: str) -> RowMapping:
    return await tx.one(select(*_ORGANISATION).where(organisations.c.uscc == uscc).with_for_update())


async def rename_organisation(tx: WriteTx, organisation_id: UUID, name: str) -> None:
    await tx.execute(update(organisations).where(organisations.c.id == organisation_id).values(name=name))


async def organisation(tx: ReadTx, organisation_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_ORGANISATION).where(organisations.c.id == organisation_id))


async def represented_organisation(tx: ReadTx, organisation_id: UUID, person_id: UUID) -> RowMapping | None:
    """The organisation, if the person represents it now."""
    return await tx.one_or_none(
        select(*_ORGANISATION).join(representations, _is_current()).where(
            organisations.c.id == organisation_id, representations.c.person_id == person_id
        )
    )  # fmt: skip


async def represented_organisations(tx: ReadTx, person_id: UUID) -> Sequence[RowMapping]:
    return await tx.all(
        select(*_ORGANISATION).join(representations, _is_current()).where(representations.c.person_id == person_id)
        .order_by(organisations.c.id).limit(200)
    )  # fmt: skip


async def representative(tx: ReadTx, organisation_id: UUID) -> UUID | None:
    found: UUID | None = await tx.scalar(
        select(representations.c.person_id).where(
            representations.c.organisation_id == organisation_id, representations.c.ended_at.is_(None)
        )
    )
    return found


async def end_representation(tx: WriteTx, organisation_id: UUID, at: datetime) -> None:
    await tx.execute(
        update(representations)
        .where(representations.c.organisation_id == organisation_id, representations.c.ended_at.is_(None))
        .values(ended_at=at)
    )


async def insert_representation(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(representations).values(**row))


async def department(tx: ReadTx, uscc: str) -> RowMapping | None:
    return await tx.one_or_none(select(*_DEPARTMENT).where(departments.c.uscc == uscc))


async def departments_after(tx: ReadTx, uscc: str, count: int) -> Sequence[RowMapping]:
    return await tx.all(select(*_DEPARTMENT).where(departments.c.uscc > uscc).order_by(departments.c.uscc).limit(count))


async def staff_by_login(tx: ReadTx, login: str) -> RowMapping | None:
    return await tx.one_or_none(select(*_STAFF).where(staff.c.login == login))


async def staff_member(tx: ReadTx, staff_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_STAFF).where(staff.c.id == staff_id))


def _is_current() -> Any:
    return and_(representations.c.organisation_id == organisations.c.id, representations.c.ended_at.is_(None))
