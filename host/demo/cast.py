"""Who plays in the demonstration: people, a business, desks and a system of the sample city, with what they sign in by."""

from dataclasses import dataclass, field
from typing import Any

from chassis.crypto import KeyRing
from host.city_bodies import SAMPLE_PASSWORD, item_code
from host.load_city import system_secret
from host.sample_city import load_city
from host.sample_city.models import Citizen, Item, Organisation
from standards.working_days import WorkingCalendar

_ITEM = "food-business-permit"


@dataclass(frozen=True, slots=True)
class Cast:
    """Parts and their players. `situation` answers the item's questions, `form` its form."""

    citizen: Citizen
    organisation: Organisation
    item: Item
    item_code: str
    clerk: str
    reviewer: str
    decider: str
    system: str
    password: str = field(repr=False)
    system_secret: str = field(repr=False)
    situation: dict[str, list[str]]
    form: dict[str, Any]
    calendar: WorkingCalendar


def sample_cast(master_key: str) -> Cast:
    """The players of the sample city: its last citizen, who is not signed up by the loading, opens a restaurant."""
    city = load_city()
    citizen = city.citizens[-1]
    organisation = next(one for one in city.organisations if one.legal_representative == citizen.key)
    item = city.item(_ITEM)
    desks = {(member.department, role): member.login for member in reversed(city.staff) for role in member.roles}
    clerk = next(member.login for member in city.staff if "window_clerk" in member.roles)
    system = next(one.client_id for one in city.systems if one.department == item.department)
    return Cast(
        citizen=citizen,
        organisation=organisation,
        item=item,
        item_code=item_code(item),
        clerk=clerk,
        reviewer=desks[item.department, "reviewer"],
        decider=desks[item.department, "decider"],
        system=system,
        password=SAMPLE_PASSWORD,
        system_secret=system_secret(KeyRing(master_key, service="host"), system),
        situation={"business": ["catering"], "vending": ["no"], "agent": ["no"]},
        form={
            "business_name": organisation.name,
            "legal_representative": citizen.name,
            "premises_address": organisation.address,
            "main_business": "餐饮服务经营者",
            "food_items": ["热食类食品制售", "冷食类食品制售", "自制饮品制售"],
            "contact_phone": citizen.phone,
        },
        calendar=city.calendar.working_calendar(),
    )
