"""The stand-ins for the systems outside, knowing the sample city's people and organisations."""

from fastapi import FastAPI

from borders.app import create_app
from borders.records import CardRecord, FaceRecord
from host.sample_city import load_city
from host.sample_city.models import Citizen
from standards.bank_card import check_digit


def borders_app() -> FastAPI:
    """Both bases, bank channel and face service as one app; `/healthz` answers once it serves."""
    city = load_city()
    app = create_app(
        people=city.population_base,
        organisations=city.legal_person_base,
        cards=[CardRecord(citizen.name, citizen.citizen_id, sample_card(citizen), citizen.phone) for citizen in city.citizens],
        faces=[FaceRecord(sample_liveness(citizen), citizen.citizen_id) for citizen in city.citizens],
    )

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "alive", "service": "borders"}

    return app


def sample_card(citizen: Citizen) -> str:
    """The card that the stand-in bank gave a sample citizen: a made-up issuer, then the phone number."""
    without = f"990000{citizen.phone}"
    return without + check_digit(without)


def sample_liveness(citizen: Citizen) -> str:
    """The reference of a liveness check that a sample citizen has passed at the stand-in face service."""
    return f"liveness-{citizen.key}"
