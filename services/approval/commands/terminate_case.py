"""End a case without a decision, because its application was withdrawn."""

from uuid import UUID

from chassis.database import WriteTx
from services.approval import store
from services.approval.events import Authority, CaseTerminated


async def terminate_case(application_id: UUID, tx: WriteTx) -> None:
    """Nothing is done where no case was opened, or where it has ended: a decision stands."""
    case = await store.lock_case_of_application(tx, application_id)
    if case is None or case["state"] != "open":
        return
    await store.cancel_live_task(tx, case["id"])
    await store.update_case(tx, case["id"], state="terminated", terminated_at=tx.now)
    tx.emit(
        CaseTerminated(
            case_id=case["id"],
            application_id=application_id,
            terminated_at=tx.now,
            authority=Authority(code=case["authority_code"], name=case["authority_name"]),
        )
    )
