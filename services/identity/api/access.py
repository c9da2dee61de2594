"""Who may do what at the identity service."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.problems import Text
from services.identity.errors import OnlyOneself
from services.identity.rules.scopes import SCOPES


def _rule(scope: str, kinds: str, *, assurance: int = 0, own: bool = False) -> AccessRule:
    return (OwnAccess if own else AccessRule)(scope, Text(SCOPES[scope].zh, SCOPES[scope].en), kinds=kinds.split(), assurance=assurance)  # type: ignore[arg-type]


class OwnAccess(AccessRule):
    """Nobody does these for somebody else, whatever they were authorised to."""

    def check(self, actor: Actor) -> None:
        super().check(actor)
        if actor.kind == "person" and actor.via is not None:
            raise OnlyOneself()


class ClientAccess(PublicAccess):
    """The token endpoint: a client proves itself in the request, by a secret or by PKCE, and carries no bearer token yet."""

    async def __call__(self, request: Request) -> Actor | None:
        request.state.access = None
        return None


CanSeeSelf = Annotated[Actor, Depends(_rule("identity.self", "person organisation staff"))]
CanConfirmSelf = Annotated[Actor, Depends(_rule("openid", "person organisation staff"))]
IsSelf = Annotated[Actor, Depends(_rule("identity.self", "person", own=True))]
CanBindOrganisation = Annotated[Actor, Depends(_rule("identity.self", "person", assurance=2, own=True))]
"""Only a verified person: the base is asked about the person's name and number, so these must be known to be theirs."""
CanAppoint = Annotated[Actor, Depends(_rule("identity.appoint", "person organisation", assurance=2, own=True))]
CanCheckStanding = Annotated[Actor, Depends(_rule("identity.check.standing", "service"))]
CanAttend = Annotated[Actor, Depends(_rule("identity.window", "staff"))]
AnyDevice = Annotated[
    Actor | None, Depends(PublicAccess("the device proves itself by its secret in the request, a window's clerk beside it"))
]
CanAdminister = Annotated[Actor, Depends(_rule("identity.admin", "service"))]
CanEnterRecords = Annotated[Actor, Depends(_rule("identity.admin", "service"))]
"""Guardians by record, and which devices identify people: the operator's alone, never a department's administrators'."""
CanReadPersonal = Annotated[Actor, Depends(_rule("identity.read.personal", "service"))]

AnyoneSignsUp = Annotated[
    Actor | None, Depends(PublicAccess("signing up is how one becomes known; attempts are counted per source and masked in the answer"))
]
AnyoneSignsIn = Annotated[Actor | None, Depends(PublicAccess("the sign-in page is where one proves who one is; attempts are counted"))]
AnyoneRecovers = Annotated[
    Actor | None,
    Depends(PublicAccess("who forgot their password cannot sign in; attempts are counted and answers say nothing of accounts")),
]
AnyoneDiscovers = Annotated[Actor | None, Depends(PublicAccess("public keys and addresses, needed to verify tokens"))]
AnyoneReadsDepartments = Annotated[Actor | None, Depends(PublicAccess("names and codes of public bodies are public"))]
AnyClient = Annotated[Actor | None, Depends(ClientAccess("the client is authenticated by the token request itself"))]
