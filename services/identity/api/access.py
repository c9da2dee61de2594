"""Who may do what at the identity service."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.problems import Text
from services.identity.errors import OnlyOneself
from services.identity.rules.authority import ADMINISTRATOR
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


class _DelegationParty(AccessRule):
    """Staff by `identity.self` (whether they are a party is decided on the record), the operator by `identity.admin`."""

    def __init__(self) -> None:
        meaning = Text("查看、撤销与自己有关的授权", "see and end delegations one is a party to, or whose department one administers")
        super().__init__("identity.self", meaning, kinds=("staff", "service"))

    def check(self, actor: Actor) -> None:
        scope = "identity.admin" if actor.kind == "service" else self.scope
        AccessRule(scope, self.meaning, kinds=self.kinds).check(actor)


class _Administration(AccessRule):
    """The operator by `identity.admin`, administrators among staff by `identity.staff.admin`."""

    def __init__(self) -> None:
        meaning = Text(
            "维护机构、人员和客户端（管理员须有 identity.staff.admin）", "keep departments, staff, clients (staff: identity.staff.admin)"
        )
        super().__init__("identity.admin", meaning, kinds=("service", "staff"))

    def check(self, actor: Actor) -> None:
        if actor.kind == "staff":
            AccessRule("identity.staff.admin", self.meaning, kinds=("staff",), posts=(ADMINISTRATOR,)).check(actor)
        else:
            super().check(actor)


CanSeeSelf = Annotated[Actor, Depends(_rule("identity.self", "person organisation staff"))]
CanKeepAccount = Annotated[Actor, Depends(_rule("identity.account", "person staff"))]
"""For the suite's own applications: whoever holds this can let others sign in as the person."""
IsAccountsOwner = Annotated[Actor, Depends(_rule("identity.account", "person", own=True))]
"""The number on record gets one back in: changing it takes what changing how one signs in takes."""
CanConfirmSelf = Annotated[Actor, Depends(_rule("openid", "person organisation staff"))]
IsSelf = Annotated[Actor, Depends(_rule("identity.self", "person", own=True))]
CanBindOrganisation = Annotated[Actor, Depends(_rule("identity.self", "person", assurance=2, own=True))]
"""Only a verified person: the base is asked about the person's name and number, so these must be known to be theirs."""
CanAdminister = Annotated[Actor, Depends(_Administration())]
"""Of which departments, each command decides: see queries/administrators.py."""
CanOperate = Annotated[Actor, Depends(_rule("identity.admin", "service"))]
CanDelegate = Annotated[Actor, Depends(_rule("identity.self", "staff"))]
CanSeeDelegation = Annotated[Actor, Depends(_DelegationParty())]
CanAskStandings = Annotated[Actor, Depends(_rule("identity.read.standing", "service"))]
CanAppoint = Annotated[Actor, Depends(_rule("identity.appoint", "person organisation", assurance=2, own=True))]
CanCheckStanding = Annotated[Actor, Depends(_rule("identity.check.standing", "service"))]
CanAttend = Annotated[Actor, Depends(_rule("identity.window", "staff"))]
AnyDevice = Annotated[
    Actor | None, Depends(PublicAccess("the device proves itself by its secret in the request, a window's clerk beside it"))
]
CanEnterRecords = Annotated[Actor, Depends(_rule("identity.admin", "service"))]
"""Guardians by record, and which devices identify people: the operator's alone, never a department's administrators'."""
CanReadClientKeys = Annotated[Actor, Depends(_rule("identity.read.client-keys", "service"))]
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
AnyoneWithSecret = Annotated[
    Actor | None, Depends(PublicAccess("opens with a one-time secret of 256 bits that an administrator handed over; attempts are counted"))
]
AnyoneReadsDepartments = Annotated[Actor | None, Depends(PublicAccess("names and codes of public bodies are public"))]
AnyClient = Annotated[Actor | None, Depends(ClientAccess("the client is authenticated by the token request itself"))]
AnyoneSignsOff = Annotated[
    Actor | None, Depends(PublicAccess("the cookie or an id token says whose session ends; without the token the person is asked"))
]
AnyoneKeepsAccount = Annotated[
    Actor | None, Depends(PublicAccess("the cookie says whose account it is; who has none is sent to the sign-in page"))
]
AnyoneAtKiosk = Annotated[
    Actor | None,
    Depends(PublicAccess("the cookie says who confirms a kiosk; codes typed are counted; who is not signed on is sent to sign in")),
]
