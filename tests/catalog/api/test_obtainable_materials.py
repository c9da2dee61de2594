"""The list of what the network can supply."""

from tests.support.service import ServiceUnderTest


async def test_a_material_is_named_renamed_and_listed(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    first = await catalog.http.put(
        "/obtainable-materials/household-register", json={"source": "shared", "names": ["户口簿"]}, headers=admin
    )
    again = await catalog.http.put(
        "/obtainable-materials/household-register", json={"source": "shared", "names": ["户口簿", "户口本"]}, headers=admin
    )
    assert (first.status_code, again.status_code) == (201, 200)
    listed = (await catalog.http.get("/obtainable-materials")).json()
    assert listed == {
        "data": [{"code": "household-register", "source": "shared", "names": ["户口簿", "户口本"]}],
        "next_cursor": None,
    }


async def test_only_the_operator_names_them(catalog: ServiceUnderTest) -> None:
    body = {"source": "shared", "names": ["户口簿"]}
    assert (await catalog.http.put("/obtainable-materials/x", json=body)).status_code == 401
    assert (await catalog.http.put("/obtainable-materials/x", json=body, headers=catalog.as_("person", "catalog.admin"))).status_code == 403
