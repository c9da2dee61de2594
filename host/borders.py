"""The stand-ins for the systems outside, knowing the sample city's people and organisations."""

from fastapi import FastAPI

from borders.app import create_app
from host.sample_city import load_city


def borders_app() -> FastAPI:
    """Population base and legal-person base as one app; `/healthz` answers once it serves."""
    city = load_city()
    app = create_app(people=city.population_base, organisations=city.legal_person_base)

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "alive", "service": "borders"}

    return app
