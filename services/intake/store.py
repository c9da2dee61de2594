"""Every SQL statement of intake. Who may see a record is part of the statement: `owned_by`, `at_windows`, `anyones`."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import ColumnElement, RowMapping, and_, delete, false, func, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.actor import Actor, Grant
from chassis.database import ReadTx, WriteTx
from services.intake.rules.application import Applicant, Application, Certificate, Named, Outcome, Receipt, Refusal, Times
from services.intake.rules.item import Item
from services.intake.rules.lifecycle import State
from services.intake.rules.materials import Match, Material, Standing
from services.intake.tables import applications, calendar_years, files, item_versions, materials, metadata, number_sequence, receipts
from standards.regions import subtree_prefix
from standards.working_days import WorkingCalendar, YearExceptions

Visibility = ColumnElement[bool]

_TIMES = ("created_at", "submitted_at", "accepted_at", "refused_at", "withdrawn_at", "concluded_at", "delivered_at")
_WHOLE = select(applications, item_versions.c.document.label("item")).join(
    item_versions, item_versions.c.version_id == applications.c.item_version_id
)
_SUMMARY = select(
    applications.c.id,
    applications.c.version,
    applications.c.state,
    applications.c.number,
    applications.c.region_code,
    applications.c.applicant,
    applications.c.created_at,
    applications.c.submitted_at,
    item_versions.c.local_code.label("item_code"),
    item_versions.c.document["name"].astext.label("item_name"),
).join(item_versions, item_versions.c.version_id == applications.c.item_version_id)


def owned_by(actor: Actor) -> Visibility:
    """An applicant's own: a person's, or those of whom the token is for, where it is limited to items, those about them only."""
    own = applications.c.applicant_subject == actor.subject
    if not actor.limited_to:
        return own
    versions = select(item_versions.c.version_id).where(item_versions.c.local_code.in_(actor.limited_to))
    return and_(own, applications.c.item_version_id.in_(versions))


def in_subtree(prefix: str) -> Visibility:
    """What windows of a region subtree see: everything submitted there."""
    return and_(applications.c.submitted_at.is_not(None), applications.c.region_code.startswith(prefix, autoescape=True))


def at_windows(grants: Sequence[Grant]) -> Visibility:
    """What window grants reach: everything submitted in their regions, about their items. Without a grant: nothing."""
    return or_(false(), *(and_(in_subtree(subtree_prefix(grant.region)), _about_items_of(grant)) for grant in grants))


def _about_items_of(grant: Grant) -> Visibility:
    wanted: list[ColumnElement[bool]] = []
    if grant.departments is not None:
        wanted.append(item_versions.c.document["authority"]["code"].astext.in_(sorted(grant.departments)))
    if grant.items is not None:
        wanted.append(item_versions.c.local_code.in_(sorted(grant.items)))
    if not wanted:
        return true()
    return applications.c.item_version_id.in_(select(item_versions.c.version_id).where(*wanted))


def anyones() -> Visibility:
    """For events, which speak for the suite."""
    return true()


async def application(tx: ReadTx, application_id: UUID, visible: Visibility) -> Application | None:
    row = await tx.one_or_none(_WHOLE.where(applications.c.id == application_id, visible))
    return _application(row) if row else None


async def lock_application(tx: WriteTx, application_id: UUID, visible: Visibility) -> Application | None:
    """The application, ours alone until the transaction ends."""
    row = await tx.one_or_none(_WHOLE.where(applications.c.id == application_id, visible).with_for_update(of=applications))
    return _application(row) if row else None


async def _keep_item(tx: WriteTx, item: Item) -> UUID:
    """The item as this application is made of it, under a key of its content: another situation asks for something else."""
    document = item.model_dump(mode="json", exclude={"standing", "holds_until"})
    key = uuid5(item.version_id, sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest())
    row = {"version_id": key, "local_code": item.local_code, "document": document}
    await tx.execute(insert(item_versions).values(row).on_conflict_do_nothing())
    return key


async def insert_application(tx: WriteTx, new: Application) -> None:
    await tx.execute(
        insert(applications).values(
            id=new.id,
            version=new.version,
            state=new.state,
            item_version_id=await _keep_item(tx, new.item),
            region_code=new.region_code,
            applicant_subject=new.applicant.subject,
            applicant=new.applicant.model_dump(mode="json"),
            handler=new.handler.model_dump(mode="json") if new.handler else None,
            form_sealed=new.form_sealed,
            situation=new.situation,
            created_at=new.times.created_at,
            updated_at=new.times.created_at,
        )
    )


async def save_application(tx: WriteTx, changed: Application) -> Application:
    """Write what can change, one version on. The caller holds the lock."""
    saved = replace(changed, version=changed.version + 1)
    refusal, outcome, certificate = saved.refusal, saved.outcome, saved.certificate
    await tx.execute(
        update(applications)
        .where(applications.c.id == saved.id)
        .values(
            **asdict(saved.times),
            version=saved.version,
            state=saved.state,
            number=saved.number,
            form_sealed=saved.form_sealed,
            updated_at=tx.now,
            refusal_reasons=refusal.reasons if refusal else None,
            refusal_remedies=refusal.remedies if refusal else None,
            outcome=outcome.outcome if outcome else None,
            outcome_reasons=outcome.reasons if outcome else None,
            outcome_remedies=outcome.remedies if outcome else None,
            decided_on=outcome.decided_on if outcome else None,
            is_on_time=outcome.is_on_time if outcome else None,
            certificate_id=certificate.certificate_id if certificate else None,
            certificate_identifier=certificate.identifier if certificate else None,
        )
    )
    return saved


async def save_situation(tx: WriteTx, changed: Application) -> Application:
    """A draft of another situation, one version on: its answers, the item with what they ask, and its form. The caller holds the lock."""
    values = {"item_version_id": await _keep_item(tx, changed.item), "situation": changed.situation}
    await tx.execute(update(applications).where(applications.c.id == changed.id).values(**values))
    return await save_application(tx, changed)


async def own_summaries(tx: ReadTx, visible: Visibility, *, limit: int, after: UUID | None) -> Sequence[RowMapping]:
    """Newest first: UUIDv7 ids are in order of making."""
    statement = _SUMMARY.where(visible).order_by(applications.c.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(applications.c.id < after)
    return await tx.all(statement)


async def window_summaries(
    tx: ReadTx, visible: Visibility, *, state: State, limit: int, after: tuple[datetime, UUID] | None
) -> Sequence[RowMapping]:
    """Who has waited longest first."""
    position = tuple_(applications.c.submitted_at, applications.c.id)
    statement = _SUMMARY.where(visible, applications.c.state == state).order_by(applications.c.submitted_at, applications.c.id).limit(limit)
    if after is not None:
        statement = statement.where(position > after)
    return await tx.all(statement)


async def next_number(tx: WriteTx) -> int:
    """1 to 999999, then again from 1."""
    return int(await tx.scalar(select(number_sequence.next_value())))


async def insert_materials(tx: WriteTx, application_id: UUID, listed: Sequence[Material]) -> None:
    if not listed:
        return
    rows = [
        {
            "application_id": application_id,
            "position": position,
            "key": m.key,
            "standing": m.standing,
            "match": _match_document(m),
            "file_id": m.file_id,
        }
        for position, m in enumerate(listed)
    ]
    await tx.execute(insert(materials), rows)


async def replace_materials(tx: WriteTx, application_id: UUID, listed: Sequence[Material]) -> None:
    """These instead of those before; uploads that none of them has are forgotten."""
    await tx.execute(delete(materials).where(materials.c.application_id == application_id))
    await insert_materials(tx, application_id, listed)
    kept = [m.file_id for m in listed if m.file_id is not None]
    await tx.execute(delete(files).where(files.c.application_id == application_id, files.c.id.not_in(kept)))


async def save_materials(tx: WriteTx, application_id: UUID, changed: Iterable[Material]) -> None:
    for material in changed:
        await tx.execute(
            update(materials)
            .where(materials.c.application_id == application_id, materials.c.key == material.key)
            .values(standing=material.standing, match=_match_document(material), file_id=material.file_id)
        )


async def materials_of(tx: ReadTx, application_id: UUID) -> tuple[Material, ...]:
    """In the item's order."""
    rows = await tx.all(
        select(
            materials.c.key,
            materials.c.standing,
            materials.c.match,
            materials.c.file_id,
            files.c.name.label("file_name"),
            files.c.content_type,
            files.c.size_bytes,
        )
        .outerjoin(files, files.c.id == materials.c.file_id)
        .where(materials.c.application_id == application_id)
        .order_by(materials.c.position)
    )
    return tuple(
        Material(
            key=row["key"],
            standing=Standing(row["standing"]),
            match=Match.model_validate(row["match"]) if row["match"] else None,
            file_id=row["file_id"],
            file_name=row["file_name"],
            content_type=row["content_type"],
            size_bytes=row["size_bytes"],
        )
        for row in rows
    )


async def insert_file(
    tx: WriteTx, *, file_id: UUID, application_id: UUID, sha256: bytes, size_bytes: int, content_type: str, name: str, uploaded_by: UUID
) -> None:
    await tx.execute(
        insert(files).values(
            id=file_id,
            application_id=application_id,
            sha256=sha256,
            size_bytes=size_bytes,
            content_type=content_type,
            name=name,
            uploaded_by=uploaded_by,
            uploaded_at=tx.now,
        )
    )


async def delete_file(tx: WriteTx, file_id: UUID) -> None:
    """Forget an upload that another one replaced; its content may still be named elsewhere."""
    await tx.execute(delete(files).where(files.c.id == file_id))


async def file_of_material(tx: ReadTx, application_id: UUID, key: str, visible: Visibility) -> RowMapping | None:
    return await tx.one_or_none(
        select(files.c.sha256, files.c.size_bytes, files.c.content_type, files.c.name)
        .join(materials, materials.c.file_id == files.c.id)
        .join(applications, applications.c.id == materials.c.application_id)
        .where(applications.c.id == application_id, materials.c.key == key, visible)
    )


async def insert_receipt(tx: WriteTx, receipt: Receipt) -> None:
    values = asdict(receipt) | {"accepted_by": receipt.accepted_by.model_dump(mode="json")}
    await tx.execute(insert(receipts).values(values))


async def receipt_of(tx: ReadTx, application_id: UUID) -> Receipt | None:
    """For an application the caller has been shown to see."""
    row = await tx.one_or_none(select(receipts).where(receipts.c.application_id == application_id))
    return _receipt(row) if row else None


async def receipt(tx: ReadTx, number: str, visible: Visibility) -> Receipt | None:
    joined = select(receipts).join(applications, applications.c.id == receipts.c.application_id)
    row = await tx.one_or_none(joined.where(receipts.c.number == number, visible))
    return _receipt(row) if row else None


async def receipt_by_tracking_code(tx: ReadTx, code: str) -> Receipt | None:
    row = await tx.one_or_none(select(receipts).where(receipts.c.tracking_code == code))
    return _receipt(row) if row else None


async def save_calendar_year(tx: WriteTx, year: int, *, holidays: Sequence[date], workdays: Sequence[date]) -> None:
    values = {"holidays": [d.isoformat() for d in holidays], "workdays": [d.isoformat() for d in workdays], "loaded_at": tx.now}
    statement = insert(calendar_years).values(year=year, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[calendar_years.c.year], set_=values))


async def working_calendar(tx: ReadTx) -> WorkingCalendar:
    """The years that have been loaded."""
    rows = await tx.all(select(calendar_years.c.year, calendar_years.c.holidays, calendar_years.c.workdays))

    def days(texts: list[str]) -> frozenset[date]:
        return frozenset(map(date.fromisoformat, texts))

    return WorkingCalendar({row["year"]: YearExceptions(days(row["holidays"]), days(row["workdays"])) for row in rows})


async def has_answer(tx: ReadTx, *, owner: str, operation: str, key: str) -> bool:
    """Whether a request with this Idempotency-Key was answered before."""
    answered = metadata.tables["idempotency_keys"]
    statement = select(func.count()).where(answered.c.owner == owner, answered.c.operation == operation, answered.c.key == key)
    return bool(await tx.scalar(statement))


def _match_document(material: Material) -> dict[str, Any] | None:
    return material.match.model_dump(mode="json") if material.match else None


def _application(row: RowMapping) -> Application:
    return Application(
        id=row["id"],
        version=row["version"],
        state=State(row["state"]),
        number=row["number"],
        item=Item.model_validate(row["item"]),
        region_code=row["region_code"],
        applicant=Applicant.model_validate(row["applicant"]),
        handler=Named.model_validate(row["handler"]) if row["handler"] else None,
        form_sealed=row["form_sealed"],
        situation=row["situation"],
        times=Times(**{name: row[name] for name in _TIMES}),
        refusal=Refusal(row["refusal_reasons"], row["refusal_remedies"]) if row["refusal_reasons"] else None,
        outcome=_outcome(row) if row["outcome"] else None,
        certificate=Certificate(row["certificate_id"], row["certificate_identifier"]) if row["certificate_id"] else None,
    )


def _outcome(row: RowMapping) -> Outcome:
    return Outcome(row["outcome"], row["decided_on"], row["is_on_time"], row["outcome_reasons"], row["outcome_remedies"])


def _receipt(row: RowMapping) -> Receipt:
    return Receipt(**{**row, "accepted_by": Named.model_validate(row["accepted_by"])})
