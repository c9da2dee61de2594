"""Withdraw a bundle: it is offered no more; its versions stay readable, and publishing it again brings it back."""

from chassis.database import WriteTx
from chassis.edge import check_version
from services.catalog.commands.publish_bundle import bundle_changed
from services.catalog.errors import BundleUnknown, BundleWithdrawn
from services.catalog.rules.bundle import BundleContent, BundleGuide
from services.catalog.store import bundles as store_bundles


async def withdraw_bundle(code: str, reason: str, tx: WriteTx, *, seen: int) -> int:
    """The revision it has now. Raises BundleUnknown, PreconditionFailed, BundleWithdrawn."""
    current = await store_bundles.lock_bundle(tx, code)
    if current is None:
        raise BundleUnknown()
    check_version(seen, current["revision"])
    if current["withdrawn_at"] is not None:
        raise BundleWithdrawn()
    version = await store_bundles.bundle_version(tx, current["version_id"])
    assert version is not None
    said, guide = BundleContent.model_validate(version["content"]), BundleGuide.model_validate(version["guide"])
    known = {"version_id": current["version_id"], "version_number": current["version_number"]}
    tx.emit(bundle_changed(code, said, guide, **known, tx=tx, withdrawn=reason))
    return await store_bundles.withdraw(tx, code, because=reason)
