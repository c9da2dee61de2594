"""Who may do what at the identity service."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.problems import Text
from services.identity.rules.scopes import SCOPES


def _rule(scope: str, kinds: str, *, assurance: int = 0) -> AccessRule:
    return AccessRule(scope, Text(SCOPES[scope].zh, SCOPES[scope].en), kinds=kinds.split(), assurance=assurance)  # type: ignore[arg-type]


class ClientAccess(PublicAccess):
    """The token endpoint: a client proves itself in the request, by a secret or by PKCE, and carries no bearer token yet."""

    async def __call__(self, request: Request) -> Actor | None:
        request.state.access = None
        return None


CanSeeSelf = Annotated[Actor, Depends(_rule("identity.self", "person organisation staff"))]
CanKeepAccount = Annotated[Actor, Depends(_rule("identity.account", "person staff"))]
"""For the suite's own applications: whoever holds this can let others sign in as the person."""
CanConfirmSelf = Annotated[Actor, Depends(_rule("openid", "person organisation staff"))]
CanBindOrganisation = Annotated[Actor, Depends(_rule("identity.self", "person", assurance=2))]
"""Only a verified person: the base is asked about the person's name and number, so these must be known to be theirs."""
CanAdminister = Annotated[Actor, Depends(_rule("identity.admin", "service"))]
CanReadPersonal = Annotated[Actor, Depends(_rule("identity.read.personal", "service"))]

AnyoneSignsUp = Annotated[
    Actor | None, Depends(PublicAccess("signing up is how one becomes known; attempts are counted per source and masked in the answer"))
]
AnyoneSignsIn = Annotated[Actor | None, Depends(PublicAccess("the sign-in page is where one proves who one is; attempts are counted"))]
AnyoneDiscovers = Annotated[Actor | None, Depends(PublicAccess("public keys and addresses, needed to verify tokens"))]
AnyoneReadsDepartments = Annotated[Actor | None, Depends(PublicAccess("names and codes of public bodies are public"))]
AnyClient = Annotated[Actor | None, Depends(ClientAccess("the client is authenticated by the token request itself"))]
AnyoneSignsOff = Annotated[
    Actor | None, Depends(PublicAccess("the cookie or an id token says whose session ends; without the token the person is asked"))
]
AnyoneKeepsAccount = Annotated[
    Actor | None, Depends(PublicAccess("the cookie says whose account it is; who has none is sent to the sign-in page"))
]
