"""Who may do what in the certificate library. Which records they see is decided in `store.py`."""

from typing import Annotated, ClassVar

from fastapi import Depends

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor, Kind
from chassis.problems import Text


class HolderOrIssuer(AccessRule):
    """Holders read by `certificates.own`; systems and services, whose reading is shown to the holder, by `certificates.supply`."""

    _by_kind: ClassVar[dict[Kind, str]] = {
        "person": "certificates.own",
        "organisation": "certificates.own",
        "system": "certificates.supply",
        "service": "certificates.supply",
    }

    def __init__(self) -> None:
        meaning = Text(
            "查阅一张证照（部门系统与服务须有 certificates.supply）", "read one certificate (systems and services: certificates.supply)"
        )
        super().__init__("certificates.own", meaning, kinds=self._by_kind)

    def check(self, actor: Actor) -> None:
        scope = self._by_kind.get(actor.kind, self.scope)
        AccessRule(scope, self.meaning, kinds=self.kinds).check(actor)


_OWN = AccessRule(
    "certificates.own", Text("查看自己的证照及其使用记录", "see one's own certificates and who used them"), kinds=("person", "organisation")
)
_USE = AccessRule(
    "certificates.use", Text("办事时调用自己的证照", "use one's own certificates in an application"), kinds=("person", "organisation")
)
_SUPPLY = AccessRule("certificates.supply", Text("向证照库归集证照", "supply certificates to the library"), kinds=("system", "service"))
_DIRECT = AccessRule("certificates.admin", Text("维护证照目录", "keep the directory of certificate types"), kinds=("service",))

CanSeeOwn = Annotated[Actor, Depends(_OWN)]
CanUseOwn = Annotated[Actor, Depends(_USE)]
CanSupply = Annotated[Actor, Depends(_SUPPLY)]
CanKeepDirectory = Annotated[Actor, Depends(_DIRECT)]
CanRead = Annotated[Actor, Depends(HolderOrIssuer())]
AnyoneSeesDirectory = Annotated[Actor | None, Depends(PublicAccess("the directory says which certificates exist, never who holds one"))]
AnyoneVerifies = Annotated[Actor | None, Depends(PublicAccess("a verification answers with status, type, issuer and a masked name only"))]
AnyoneGetsKeys = Annotated[Actor | None, Depends(PublicAccess("public keys are there to be known"))]
