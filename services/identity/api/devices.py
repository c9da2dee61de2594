"""Devices at windows and kiosks, which may scan people's one codes."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from chassis.app import service_router
from chassis.schema import Body, View
from services.identity.api.access import CanEnterRecords
from services.identity.api.departments import DisplayName, RegionCode
from services.identity.api.edge import CREATED, SecretWrites
from services.identity.commands.put_device import PutDevice, put_device

router = service_router("devices")


class DeviceBody(Body):
    name: DisplayName
    kind: Literal["window", "kiosk"] = Field(description="A window's device is used by a clerk who is signed in; a kiosk stands alone")
    department: str = Field(max_length=18, description="USCC of the department it belongs to")
    region: RegionCode
    is_active: bool = Field(default=True, description="False: lost, stolen or retired; it is refused from the next request")
    renews_secret: bool = Field(default=False, description="True: the present secret is good no more, a new one is told")


class DeviceView(View):
    id: UUID
    code: str
    name: str
    kind: str
    department: str
    region: str
    is_active: bool
    secret: str | None = Field(default=None, description="Only when one was just made; it cannot be read again")


@router.put("/devices/{code}", responses=CREATED, response_model_exclude_none=True)
async def put(
    _: CanEnterRecords,
    code: Annotated[str, Path(pattern=r"^[a-z][a-z0-9.-]{1,63}$")],
    body: DeviceBody,
    tx: SecretWrites,
    response: Response,
) -> DeviceView:
    """Register a device or change it."""
    device_id, is_new, secret = await put_device(tx, PutDevice(code=code, **body.model_dump()))
    if is_new:
        response.status_code = 201
    return DeviceView(id=device_id, code=code, secret=secret, **body.model_dump(exclude={"renews_secret"}))
