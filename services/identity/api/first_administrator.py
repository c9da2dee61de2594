"""The first administrator: invited by the operator with a one-time secret, and never a second time."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import Field, SecretStr

from chassis.actor import Actor
from chassis.app import service_router
from chassis.schema import Body, View
from services.identity.api.access import AnyoneWithSecret, CanOperate
from services.identity.api.departments import DisplayName, RegionCode, department_code
from services.identity.api.edge import SECRET_REFUSED, PartsHere, SecretWrites
from services.identity.api.people import Password, PersonName
from services.identity.api.staff import SecretView, hash_for_secret
from services.identity.commands.one_time_secrets import become_first_administrator, invite_first_administrator
from services.identity.commands.put_department import PutDepartment
from services.identity.commands.put_staff import PutStaff
from services.identity.rules.authority import ADMINISTRATOR
from services.identity.rules.clients import client_subject
from services.identity.rules.scopes import OPERATOR

router = service_router("administration")


class FirstDepartmentBody(Body):
    """Entered with its administrator where it is not known yet; a known one stays as it is."""

    uscc: str = Field(max_length=36)
    name: DisplayName
    name_en: DisplayName | None = None
    region: RegionCode


class FirstAdministratorBody(Body):
    secret: SecretStr = Field(min_length=20, max_length=100, description="What `tongban admin first` printed")
    login: str = Field(pattern=r"^[a-z][a-z0-9._-]{1,63}$")
    name: PersonName
    password: Password
    department: FirstDepartmentBody


class FirstAdministratorView(View):
    id: UUID
    login: str


@router.post("/first-administrator/invitation", status_code=201)
async def invite(_: CanOperate, tx: SecretWrites) -> SecretView:
    """A secret, good once within 24 hours, for whoever is to be the first administrator; refused once there is one."""
    made = await invite_first_administrator(tx)
    return SecretView(secret=made.secret, expires_at=made.expires_at)


async def _hash(request: Request, body: FirstAdministratorBody, parts: PartsHere) -> str:
    return await hash_for_secret(request, body.password.get_secret_value(), parts)


@router.post("/first-administrator", status_code=201, responses=SECRET_REFUSED)
async def become(
    _: AnyoneWithSecret, body: FirstAdministratorBody, password_hash: Annotated[str, Depends(_hash)], tx: SecretWrites
) -> FirstAdministratorView:
    """Become the first administrator, of a department and everything below it, with the secret the operator handed over."""
    facts = body.department.model_dump(exclude={"uscc"})
    uscc = department_code(body.department.uscc, "/department/uscc")
    member = PutStaff(
        login=body.login, name=body.name, department=uscc, region=body.department.region, posts=(ADMINISTRATOR,), grade=0,
        password_hash=password_hash,
    )  # fmt: skip
    secret = body.secret.get_secret_value()
    staff_id = await become_first_administrator(tx, secret, PutDepartment(uscc=uscc, **facts), member, _operator())
    return FirstAdministratorView(id=staff_id, login=body.login)


def _operator() -> Actor:
    """In whose name the first records are made: the secret is the operator's word."""
    return Actor(client_subject(OPERATOR), "service", "operator", OPERATOR, frozenset())
