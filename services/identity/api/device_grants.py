"""Where a kiosk begins to ask for somebody to sign in at it (device authorization grant, RFC 8628)."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Request
from pydantic import Field

from chassis.app import service_router
from chassis.schema import View
from services.identity.api.access import AnyClient
from services.identity.api.client_authentication import ClientForm, authenticated_client
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, seconds_to_wait_before
from services.identity.api.token import REFUSALS
from services.identity.commands.begin_device_grant import begin_device_grant
from services.identity.errors import OAuthRefused, TooManyAttempts
from services.identity.pages.qr import qr_svg
from services.identity.rules.authorization import Fault
from services.identity.rules.clients import KIOSK_PREFIX, kiosk_page_address
from services.identity.rules.device_grants import GRANTS_PER_KIOSK, INTERVAL, LIFETIME, shown_user_code
from services.identity.rules.scopes import granted, parse_scope

router = service_router("device-grants")


class DeviceGrantForm(ClientForm):
    scope: str = Field(default="", max_length=1000)


class DeviceGrantView(View):
    """RFC 8628, 3.2. `verification_uri_complete_svg` is the address with the code as a QR code, to be shown as it is."""

    device_code: str
    user_code: str = Field(description="To be shown large, grouped as it is")
    verification_uri: str
    verification_uri_complete: str
    verification_uri_complete_svg: str
    expires_in: int = int(LIFETIME.total_seconds())
    interval: int = int(INTERVAL.total_seconds())


@router.post("/device-authorization", responses={**REFUSALS, **TOO_MANY_ATTEMPTS})
async def begin(_: AnyClient, request: Request, form: Annotated[DeviceGrantForm, Form()], parts: PartsHere) -> DeviceGrantView:
    """For registered kiosks, as client `kiosk-` and their id, with the device's secret. Show the code and its QR code; then ask at `/token`."""
    client = await authenticated_client(request, form, parts)
    if client.kind != "kiosk":
        raise OAuthRefused(Fault("unauthorized_client", "this grant is for registered kiosks"))
    asked = parse_scope(form.scope)
    if asked and not granted("person", asked, ceiling=client.scopes):
        raise OAuthRefused(Fault("invalid_scope", "none of these scopes is for a kiosk"))
    if seconds := await seconds_to_wait_before(parts, {f"device-grant:{client.client_id}": GRANTS_PER_KIOSK}):
        raise TooManyAttempts(seconds)
    async with parts.db.write() as tx:
        begun = await begin_device_grant(tx, UUID(client.client_id.removeprefix(KIOSK_PREFIX)), asked, parts.keys)
    address, code = kiosk_page_address(parts.settings.public_url), shown_user_code(begun.user_code)
    complete = f"{address}?{urlencode({'user_code': code})}"
    return DeviceGrantView(
        device_code=begun.device_code,
        user_code=code,
        verification_uri=address,
        verification_uri_complete=complete,
        verification_uri_complete_svg=qr_svg(complete, f"{code} · {address}"),
    )
