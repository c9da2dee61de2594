"""Those in whose name tokens speak, as they are now."""

from uuid import UUID

from sqlalchemy import RowMapping

from chassis.crypto import KeyRing
from chassis.database import ReadTx
from services.identity.queries.authority import authorities
from services.identity.rules.authority import Authority
from services.identity.rules.claims import Principal
from services.identity.rules.clients import Client, client_subject
from services.identity.rules.people import Login
from services.identity.store import subjects


async def find_principal(tx: ReadTx, subject: UUID, kind: str) -> Principal | None:
    """The person or staff member; None when there is no such account (any more)."""
    if kind == "person":
        row = await subjects.person(tx, subject)
        return _person(row) if row is not None else None
    row = await subjects.staff_member(tx, subject)
    authority = (await authorities(tx, [subject])).get(subject)
    return _staff(row, authority) if row is not None and authority is not None else None


async def find_represented(tx: ReadTx, organisation_id: UUID, person_id: UUID) -> tuple[Principal, Principal] | None:
    """The organisation and the person, if the person represents it now. What is done for it is as sure as the person is."""
    person = await find_principal(tx, person_id, "person")
    row = await subjects.represented_organisation(tx, organisation_id, person_id)
    if person is None or row is None:
        return None
    organisation = Principal(row["id"], "organisation", row["name"], assurance=person.assurance, holder_index=row["holder_index"])
    return organisation, person


def own_principal(client: Client) -> Principal | None:
    """A client acting for itself: a service of the suite, or a department's system. None for the others."""
    if client.kind == "service":
        return Principal(client_subject(client.client_id), "service", client.name)
    if client.kind == "confidential" and client.department is not None:
        subject = client_subject(client.client_id)
        return Principal(subject, "system", client.name, department=client.department, region=client.region)
    return None


async def find_account(tx: ReadTx, login: Login, keys: KeyRing) -> tuple[Principal, str | None] | None:
    """The account somebody signs in to, and its password hash. A phone number shared by several accounts signs in to none,
    but whoever has shown it to be theirs goes before who only typed it.
    """
    if login.kind == "staff":
        row = await subjects.staff_by_login(tx, login.value)
        return (_staff(row), row["password_hash"]) if row is not None and row["left_at"] is None else None
    if login.kind == "phone":
        index = keys.blind_index("phone", login.value)
        rows = await subjects.people_who_confirmed_phone(tx, index) or await subjects.people_by_phone(tx, index)
        row = rows[0] if len(rows) == 1 else None
    else:
        row = await subjects.person_by_citizen_id(tx, keys.blind_index("citizen-id", login.value))
    return (_person(row), row["password_hash"]) if row is not None else None


def _person(row: RowMapping) -> Principal:
    return Principal(row["id"], "person", row["name"], assurance=row["assurance"], holder_index=row["citizen_id_index"])


def _staff(row: RowMapping, authority: Authority | None = None) -> Principal:
    posts = tuple(row["posts"])
    return Principal(
        row["id"], "staff", row["name"], department=row["department"], region=row["region"], grade=row["grade"], own_posts=posts,
        posts=tuple(sorted(authority.posts)) if authority else posts, stamp=authority.stamp if authority else None,
    )  # fmt: skip
