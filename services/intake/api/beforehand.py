"""What a request needs from elsewhere, fetched before its transaction opens: dependencies of routes that write.

Each reads the actor that the route's access rule, named before it, has let in. An own read-only transaction, where one is needed,
is closed before anybody else is asked.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.requests import ClientDisconnect

from chassis.actor import Actor
from chassis.edge import IfMatch, check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime
from chassis.schema import Body
from services.intake import store
from services.intake.api.shapes import Answers, ItemCode, MaterialKey, RegionCode
from services.intake.clients.catalog import CatalogClient
from services.intake.clients.certificates import use_certificates
from services.intake.clients.identity import principal
from services.intake.commands.attach_file import Upload, uploadable
from services.intake.commands.change_situation import ChangeSituation
from services.intake.commands.start_application import StartApplication
from services.intake.errors import FileEmpty, FileTypeRefused, ItemFrozen, ItemUnknown, StepNotAllowed, UploadBroken
from services.intake.files import FileStore, Stored
from services.intake.rules.application import Application
from services.intake.rules.item import Item, answers_given
from services.intake.rules.lifecycle import Step, after
from services.intake.rules.materials import Match, Material, Standing, carried_over, needed_types, pending_types
from services.intake.rules.uploads import ACCEPTED, HEAD_BYTES, accepted_type, clean_name


class NewApplication(Body):
    """What is applied for, and where. Without `region_code` it is the item's own region.

    `situation` are answers to the item's questions: {"business": "catering"}. Answered, exactly the materials and fields of that
    situation are asked; not answered at all, what depends on it may be left out.
    """

    item_code: ItemCode
    region_code: RegionCode | None = None
    form: Answers = Field(default_factory=dict)
    situation: Answers = Field(default_factory=dict)


async def _start(request: Request, body: NewApplication) -> StartApplication:
    """Raises ItemUnknown, ItemFrozen, ItemWithdrawn, SituationInvalid, SituationOpen, SituationElsewhere, PeerRefused, Unavailable."""
    actor, runtime = _actor(request), _runtime(request)
    item = await _item_in_force(runtime, body.item_code)
    # A repeated request gets the first one's answer, also when the item was frozen after it.
    is_repeated = await _is_repeated(request, runtime, actor)
    if item.standing is not None and item.is_frozen and not is_repeated:
        raise ItemFrozen(body.item_code, item.standing.since, item.standing.reason)
    item = await _narrowed(runtime, item, body.situation)
    application_id = runtime.clock.new_id()
    types = needed_types(item.materials)
    matches: tuple[Match, ...] | None = ()
    # Nor does it use the holder's certificates a second time.
    if types and not is_repeated:
        matches = await use_certificates(runtime.http, actor.raw_token, item, application_id, types, attempt="draft")
    return StartApplication(
        application_id=application_id,
        item=item,
        region_code=body.region_code or item.region_code,
        form=body.form,
        situation=body.situation,
        principal=await principal(runtime.http, actor.raw_token),
        matches=matches,
    )


class SituationBody(Body):
    """Answers to the item's questions; they replace those before."""

    situation: Answers


async def _situated(request: Request, application_id: UUID, body: SituationBody, seen: IfMatch) -> ChangeSituation:
    """Raises NotFound, StepNotAllowed, PreconditionFailed, and what beginning a draft raises."""
    actor, runtime = _actor(request), _runtime(request)
    draft, materials = await _own(runtime, actor, application_id)
    _demand_editable(draft)
    check_version(seen, draft.version)
    item = await _narrowed(runtime, await _item_in_force(runtime, draft.item.local_code), body.situation)
    types = pending_types(item, carried_over(draft.item, materials, item))
    matches: tuple[Match, ...] | None = ()
    if types:
        attempt = f"situation-{draft.version}"
        matches = await use_certificates(runtime.http, actor.raw_token, item, application_id, types, attempt=attempt)
    return ChangeSituation(item=item, situation=body.situation, matches=matches)


async def _item_in_force(runtime: Runtime, code: str) -> Item:
    """Raises ItemUnknown, ItemWithdrawn, Unavailable."""
    catalog: CatalogClient = runtime.parts["catalog"]
    item = await catalog.current_item(code)
    if item is None:
        raise ItemUnknown(code)
    return item


async def _narrowed(runtime: Runtime, item: Item, situation: dict[str, Any]) -> Item:
    """The item with what a situation asks of it; whole where it asks no questions or none is answered. Raises as `narrowed_item`."""
    catalog: CatalogClient = runtime.parts["catalog"]
    if item.situation_table is None or not situation:
        return item
    return await catalog.narrowed_item(item.local_code, answers_given(situation))


async def _own(runtime: Runtime, actor: Actor, application_id: UUID) -> tuple[Application, tuple[Material, ...]]:
    """The actor's application and its materials. Raises NotFound."""
    async with runtime.db.read() as tx:
        application = await store.application(tx, application_id, store.owned_by(actor))
        materials = await store.materials_of(tx, application_id)
    if application is None:
        raise NotFound()
    return application, materials


def _demand_editable(application: Application) -> None:
    """Raises StepNotAllowed."""
    if after(application.state, Step.EDIT) is None:
        raise StepNotAllowed(application.state, Step.EDIT)


async def _late_matches(request: Request, application_id: UUID) -> tuple[Match, ...] | None:
    """What the library answers for a draft's pending materials; None where nothing is pending, or the library is still away.

    Raises NotFound.
    """
    actor, runtime = _actor(request), _runtime(request)
    application, materials = await _own(runtime, actor, application_id)
    if after(application.state, Step.EDIT) is None or not any(one.standing is Standing.PENDING_LIBRARY for one in materials):
        return None
    types = pending_types(application.item, materials)
    attempt = f"fill-{application.version}"
    return await use_certificates(runtime.http, actor.raw_token, application.item, application_id, types, attempt=attempt)


async def _upload(
    request: Request,
    application_id: UUID,
    key: MaterialKey,
    filename: Annotated[str, Query(min_length=1, max_length=200, description="The file's name, as people will see it.")],
) -> Upload:
    """The body in the file store. What may not be uploaded is refused before it is read.

    Raises NotFound, StepNotAllowed, MaterialUnknown, MaterialNotAsked, FileTypeRefused, FileEmpty, TooLarge, UploadBroken.
    """
    actor, runtime = _actor(request), _runtime(request)
    application, materials = await _own(runtime, actor, application_id)
    _demand_editable(application)
    uploadable(materials, key)
    stored, content_type = await _stored(request, runtime.parts["files"])
    return Upload(sha256=stored.sha256, size_bytes=stored.size_bytes, content_type=content_type, name=clean_name(filename))


async def _stored(request: Request, files: FileStore) -> tuple[Stored, str]:
    declared = request.headers.get("content-type", "")
    content_type: str | None = None

    async def checked() -> AsyncIterator[bytes]:
        nonlocal content_type
        head = b""
        async for part in request.stream():
            if content_type is None:
                head += part
                if len(head) < HEAD_BYTES and part:
                    continue
                if not head:
                    raise FileEmpty()
                content_type = accepted_type(head, declared)
                if content_type is None:
                    raise FileTypeRefused(accepted=", ".join(ACCEPTED))
                yield head
            elif part:
                yield part

    try:
        stored = await files.put(checked())
    except ClientDisconnect as error:
        raise UploadBroken() from error
    assert content_type is not None
    return stored, content_type


async def _is_repeated(request: Request, runtime: Runtime, actor: Actor) -> bool:
    key = request.headers.get("idempotency-key")
    if key is None:
        return False
    async with runtime.db.read() as tx:
        return await store.has_answer(tx, owner=actor.key, operation=f"{request.method} {request.url.path}", key=key)


def _actor(request: Request) -> Actor:
    actor: Actor = request.state.access
    return actor


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


Situated = Annotated[ChangeSituation, Depends(_situated)]
Started = Annotated[StartApplication, Depends(_start)]
LateMatches = Annotated[tuple[Match, ...] | None, Depends(_late_matches)]
Uploaded = Annotated[Upload, Depends(_upload)]
