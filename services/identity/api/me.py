"""Who I am, as the suite knows me."""

from uuid import UUID

from pydantic import Field

from chassis.app import service_router
from chassis.edge import Reads
from chassis.problems import NotFound
from chassis.schema import View
from services.identity.api.access import CanConfirmSelf, CanSeeSelf
from services.identity.api.edge import PartsHere
from services.identity.api.organisations import OrganisationView
from services.identity.commands.register_person import citizen_id_context, phone_context
from services.identity.rules.people import mask_phone
from services.identity.store import subjects
from standards import citizen_id

router = service_router("me")


class MeView(View):
    """What does not apply to a kind of actor is null or empty."""

    id: UUID
    kind: str
    name: str
    assurance: int
    citizen_id_masked: str | None = None
    phone_masked: str | None = None
    organisations: list[OrganisationView] = Field(default_factory=list, description="Those you may act for")
    uscc: str | None = None
    acting_person: str | None = Field(default=None, description="Who acts, where the token is for somebody else")
    department: str | None = None
    region: str | None = None
    posts: list[str] = Field(default_factory=list)
    grade: int = 0
    scopes: list[str]


class UserInfoView(View):
    """OpenID Connect claims."""

    sub: UUID
    name: str
    actor_kind: str
    assurance: int
    department: str | None = None


@router.get("/me")
async def me(actor: CanSeeSelf, tx: Reads, parts: PartsHere) -> MeView:
    """Your own identity; numbers are masked."""
    scopes = sorted(actor.scopes)
    if actor.kind == "person":
        row = await subjects.person(tx, actor.subject)
        if row is None:
            raise NotFound()
        number = parts.keys.decrypt(row["citizen_id"], context=citizen_id_context(row["id"]))
        phone = parts.keys.decrypt(row["phone"], context=phone_context(row["id"]))
        if actor.via is not None:
            return MeView(
                id=row["id"], kind="person", name=row["name"], assurance=actor.assurance, citizen_id_masked=citizen_id.mask(number),
                acting_person=actor.via.name, scopes=scopes,
            )  # fmt: skip
        organisations = [OrganisationView.model_validate(dict(o)) for o in await subjects.represented_organisations(tx, actor.subject)]
        return MeView(
            id=row["id"], kind="person", name=row["name"], assurance=row["assurance"], citizen_id_masked=citizen_id.mask(number),
            phone_masked=mask_phone(phone), organisations=organisations, scopes=scopes,
        )  # fmt: skip
    if actor.kind == "organisation":
        row = await subjects.organisation(tx, actor.subject)
        if row is None:
            raise NotFound()
        return MeView(
            id=row["id"], kind="organisation", name=row["name"], assurance=actor.assurance, uscc=row["uscc"],
            acting_person=actor.via.name if actor.via else None, scopes=scopes,
        )  # fmt: skip
    row = await subjects.staff_member(tx, actor.subject)
    if row is None:
        raise NotFound()
    return MeView(
        id=row["id"], kind="staff", name=row["name"], assurance=0, department=row["department"], region=row["region"],
        posts=row["posts"], grade=row["grade"], scopes=scopes,
    )  # fmt: skip


@router.post("/userinfo", response_model_exclude_none=True, operation_id="userinfo_by_post")
@router.get("/userinfo", response_model_exclude_none=True)
async def userinfo(actor: CanConfirmSelf) -> UserInfoView:
    """OpenID Connect UserInfo, for clients that were granted `openid`."""
    return UserInfoView(
        sub=actor.subject, name=actor.name, actor_kind=actor.kind, assurance=actor.assurance, department=actor.department
    )  # fmt: skip
