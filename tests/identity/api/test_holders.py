"""The one way a full number leaves, and what is known of me and the provider."""

from uuid import uuid4

from sqlalchemy import text

from tests.identity.provider import LI, NOODLES, WANG, Provider, bearer


async def test_a_service_reads_a_number_for_a_purpose_and_the_reading_is_recorded(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    token = (await provider.tokens(WANG.citizen_id))["access_token"]
    organisation = (
        await provider.http.post("/organisations", json={"name": NOODLES.name, "uscc": NOODLES.uscc}, headers=bearer(token))
    ).json()
    headers = provider.service.as_("service", "identity.read.personal", client_id="svc-certificates")
    answer = await provider.http.get(f"/holders/{person['id']}/identifier", params={"purpose": "制作食品经营许可证"}, headers=headers)
    assert answer.json() == {"kind": "person", "code": WANG.citizen_id, "name": "王小明"}
    answer = await provider.http.get(f"/holders/{organisation['id']}/identifier", params={"purpose": "issue"}, headers=headers)
    assert answer.json() == {"kind": "organisation", "code": NOODLES.uscc, "name": NOODLES.name}
    async with provider.service.runtime.db.read() as tx:
        rows = await tx.all(text("SELECT subject, fields, purpose, client_id FROM personal_data_reads ORDER BY id"))
    assert [dict(row) for row in rows] == [
        {"subject": person["id"], "fields": ["citizen_id", "name"], "purpose": "制作食品经营许可证", "client_id": "svc-certificates"},
        {"subject": organisation["id"], "fields": ["uscc", "name"], "purpose": "issue", "client_id": "svc-certificates"},
    ]


async def test_a_number_is_never_kept_as_the_answer_to_an_idempotency_key(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    headers = {**provider.service.as_("service", "identity.read.personal"), "Idempotency-Key": "12345678"}
    await provider.http.get(f"/holders/{person['id']}/identifier", params={"purpose": "issue"}, headers=headers)
    async with provider.service.runtime.db.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM idempotency_keys")) == 0


async def test_nobody_else_reads_a_number_and_nobody_without_a_purpose(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    path = f"/holders/{person['id']}/identifier"
    own = bearer((await provider.tokens(WANG.citizen_id))["access_token"])
    system = provider.service.as_("system", "identity.read.personal")
    reader = provider.service.as_("service", "identity.read.personal")
    assert (await provider.http.get(path, params={"purpose": "look"})).status_code == 401
    assert (await provider.http.get(path, params={"purpose": "look"}, headers=own)).status_code == 403
    assert (await provider.http.get(path, params={"purpose": "look"}, headers=system)).status_code == 403
    assert (await provider.http.get(path, headers=reader)).status_code == 422
    assert (await provider.http.get(f"/holders/{uuid4()}/identifier", params={"purpose": "look"}, headers=reader)).status_code == 404
    assert (await provider.http.get("/holders/x/identifier", params={"purpose": "look"}, headers=reader)).status_code == 422


async def test_me_shows_masked_numbers_of_oneself_only(provider: Provider) -> None:
    await provider.sign_up(WANG)
    await provider.sign_up(LI, phone="13900000002")
    answer = await provider.http.get("/me", headers=bearer((await provider.tokens(LI.citizen_id))["access_token"]))
    me = answer.json()
    assert (me["name"], me["phone_masked"], me["assurance"]) == ("李芳", "139****0002", 2)
    assert LI.citizen_id not in answer.text
    assert "13900000002" not in answer.text


async def test_a_person_who_is_gone_is_not_found(provider: Provider) -> None:
    for kind in ("person", "organisation"):
        assert (await provider.http.get("/me", headers=provider.service.as_(kind, "identity.self"))).status_code == 404


async def test_userinfo_needs_openid(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    with_openid = bearer((await provider.tokens(WANG.citizen_id))["access_token"])
    without = bearer((await provider.tokens(WANG.citizen_id, scope="identity.self"))["access_token"])
    info = (await provider.http.get("/userinfo", headers=with_openid)).json()
    assert info == {"sub": person["id"], "name": "王小明", "actor_kind": "person", "assurance": 2}
    assert (await provider.http.get("/userinfo", headers=without)).status_code == 403


async def test_discovery_names_addresses_below_the_issuer_and_keys_are_public_only(provider: Provider) -> None:
    document = (await provider.http.get("/openid-configuration")).json()
    assert document["issuer"] == "http://127.0.0.1:8000"
    assert document["token_endpoint"] == "http://127.0.0.1:8000/api/identity/v1/token"
    assert document["code_challenge_methods_supported"] == ["S256"]
    [key] = (await provider.http.get("/jwks")).json()["keys"]
    assert (key["kty"], key["crv"], key["alg"], "d" in key) == ("EC", "P-256", "ES256", False)


async def test_the_api_document_names_every_route(provider: Provider) -> None:
    document = (await provider.http.get("/openapi.json")).json()
    paths = {path.removeprefix("/api/identity/v1") for path in document["paths"]}
    assert {"/people", "/organisations", "/me", "/authorize", "/token", "/jwks", "/userinfo", "/openid-configuration"} <= paths
    assert "429" in document["paths"]["/api/identity/v1/people"]["post"]["responses"]
