"""Everything wrong at every step: each request gets its 4xx problem, nothing changes, and the step still works afterwards."""

from collections.abc import Callable, Iterator
import json
from typing import Any
from uuid import uuid4

import pytest

from host.demo.journey import STEPS, Journey
from host.demo.paper import small_pdf
from tests.journeys.bad_requests import Bad, Outsiders, broken_bodies, fresh_key, refused, seen
from tests.support.suite import RunningSuite, journey_through

pytestmark = pytest.mark.xdist_group("suite-single")

IDENTITY, CATALOG, INTAKE = "/api/identity/v1", "/api/catalog/v1", "/api/intake/v1"
APPROVAL, CERTIFICATES, EXCHANGE = "/api/approval/v1", "/api/certificates/v1", "/api/exchange/v1"
SOMETHING = uuid4()
DECIDE, CERTIFICATE = (next(step for step in STEPS if step.key == key) for key in ("decide", "certificate"))


def at_sign_up(journey: Journey) -> Iterator[Bad]:
    citizen = journey.cast.citizen
    good = {"name": "测试人", "citizen_id": citizen.citizen_id, "phone": "13900000099", "password": "a good password"}
    sign_up = Bad("sign-up", "POST", f"{IDENTITY}/people", None, 422, content={"json": good})
    yield sign_up.by(None, 422, "a name that is not the number's")
    for field, value in (
        ("citizen_id", citizen.citizen_id[:-1] + "9"),
        ("citizen_id", "511602202802300015"),
        ("citizen_id", "１２３"),
        ("citizen_id", None),
        ("citizen_id", 511602197804200031),
        ("phone", "+86 139"),
        ("password", "short"),
        ("name", ""),
        ("name", "王" * 500),
        ("name", "王\n谷雨"),
    ):
        yield Bad(f"sign-up with {field} {value!r:.30}", "POST", sign_up.path, None, 422, content={"json": {**good, field: value}})
    yield from broken_bodies(sign_up)


def at_sign_in(journey: Journey) -> Iterator[Bad]:
    asked = {
        "response_type": "code", "client_id": "tongban-demo", "redirect_uri": "http://127.0.0.1/callback", "scope": "openid",
        "state": "s", "code_challenge": "a" * 43, "code_challenge_method": "S256",
    }  # fmt: skip
    form = {**asked, "login": journey.cast.citizen.phone, "password": "not the password"}
    page, tokens = f"{IDENTITY}/authorize", f"{IDENTITY}/token"
    yield Bad("a wrong password", "POST", page, None, 401, content={"data": form})
    yield Bad("an unknown client", "GET", page, None, 400, content={"params": {**asked, "client_id": "nobody"}})
    yield Bad("another's address", "GET", page, None, 400, content={"params": {**asked, "redirect_uri": "https://elsewhere.example/"}})
    yield Bad("a login that is too long", "POST", page, None, 422, content={"data": {**form, "login": "a" * 500}})
    code = {"grant_type": "authorization_code", "client_id": "tongban-demo", "code": "guess", "redirect_uri": asked["redirect_uri"]}
    yield Bad("a guessed code", "POST", tokens, None, 400, content={"data": {**code, "code_verifier": "v" * 43}})
    yield Bad("an unknown grant", "POST", tokens, None, 400, content={"data": {"grant_type": "password", "client_id": "tongban-demo"}})
    yield Bad(
        "a wrong secret",
        "POST",
        tokens,
        None,
        401,
        content={"data": {"grant_type": "client_credentials", "client_id": "svc-operator", "client_secret": "x" * 43}},
    )
    yield Bad(
        "broken UTF-8",
        "POST",
        tokens,
        None,
        (400, 401, 422),
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"content": b"client_id=%ff%fe&grant_type=\xff"},
    )


def at_act_for_organisation(journey: Journey) -> Iterator[Bad]:
    organisation = journey.cast.organisation
    good = {"name": organisation.name, "uscc": organisation.uscc}
    bind = Bad("bind", "POST", f"{IDENTITY}/organisations", "citizen", 422, content={"json": good})
    yield bind.by("another citizen", 422, "a business of somebody else")
    yield bind.by("clerk", 403, "a clerk binds")
    for name, uscc in (
        ("别的单位", organisation.uscc),
        (organisation.name, "91511602DEM1000233"),
        (organisation.name, 1),
        (None, organisation.uscc),
    ):
        yield Bad(f"bind {name} {uscc}", "POST", bind.path, "citizen", 422, content={"json": {"name": name, "uscc": uscc}})
    yield from broken_bodies(bind)
    exchange = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "client_id": "tongban-demo", "acting_for": str(SOMETHING)}
    yield Bad("no subject token", "POST", f"{IDENTITY}/token", None, 400, content={"data": {**exchange, "subject_token": "x"}})


def at_subscribe(journey: Journey) -> Iterator[Bad]:
    body = {"url": journey.receiver.url, "event_types": ["*"]}
    put = Bad("subscribe", "PUT", f"{EXCHANGE}/subscriptions/bad", "system", 422, content={"json": body})
    for who in ("citizen", "organisation", "clerk", "reviewer"):
        yield put.by(who, 403, f"a {who} subscribes")
    for field, value in (
        ("url", "ftp://127.0.0.1/"),
        ("url", "http://a:b@127.0.0.1/"),
        ("url", 1),
        ("event_types", ["no.such.event"]),
        ("event_types", "*"),
    ):
        yield Bad(f"subscribe with {field} {value}", "PUT", put.path, "system", 422, content={"json": {**body, field: value}})
    yield Bad("a name that is none", "PUT", f"{EXCHANGE}/subscriptions/No%20Name", "system", 422, content={"json": body})
    yield from broken_bodies(put)
    theirs = f"{EXCHANGE}/subscriptions/{journey.subscription}/deliveries"
    yield Bad("another's deliveries", "GET", theirs, "another department's system", 404)
    yield Bad("a made-up cursor", "GET", f"{EXCHANGE}/subscriptions?cursor=abc", "system", 400)


def at_find_item(journey: Journey) -> Iterator[Bad]:
    for what, path, status in (
        ("a long search", f"{CATALOG}/items?q={'a' * 200}", 422),
        ("broken UTF-8", f"{CATALOG}/items?q=%ff%fe", (400, 422)),
        ("a NUL", f"{CATALOG}/items?q=%00", (400, 422)),
        ("no rows", f"{CATALOG}/items?limit=0", 422),
        ("a limit in words", f"{CATALOG}/items?limit=many", 422),
        ("a made-up cursor", f"{CATALOG}/items?cursor=abc", 400),
        ("no region", f"{CATALOG}/items?region=abc", 422),
        ("no such item", f"{CATALOG}/items/no-such-item", 404),
        ("no such version", f"{CATALOG}/item-versions/{SOMETHING}", 404),
        ("not a version", f"{CATALOG}/item-versions/1", 422),
        ("no such service", "/api/nothing/v1/items", 404),
        ("no such place", f"{CATALOG}/nothing", 404),
    ):
        yield Bad(what, "GET", path, None, status)
    item = f"{CATALOG}/items/{journey.cast.item_code}"
    for who in ("citizen", "clerk", "reviewer", "system"):
        yield Bad(f"a {who} publishes", "PUT", item, who, 403, content={"json": {}})
    yield Bad("a method that is none", "DELETE", item, "citizen", 405)


def at_draft(journey: Journey) -> Iterator[Bad]:
    good = {"item_code": journey.cast.item_code}
    start = Bad("draft", "POST", f"{INTAKE}/applications", "organisation", 422, content={"json": good})
    for field, value in (
        ("item_code", "no-such-item"),
        ("item_code", None),
        ("item_code", "../items"),
        ("region_code", "1"),
        ("form", []),
        ("situation", 1),
    ):
        yield Bad(f"draft with {field} {value}", "POST", start.path, "organisation", 422, content={"json": {**good, field: value}})
    yield start.by("clerk", 403, "a clerk applies")
    yield start.by("system", 403, "a system applies")
    yield from broken_bodies(start)
    yield Bad("a short key", "POST", start.path, "organisation", 400, {"Idempotency-Key": "short"}, {"json": good})
    yield Bad("no such application", "GET", f"{INTAKE}/applications/{SOMETHING}", "organisation", 404)
    yield Bad("not an application", "GET", f"{INTAKE}/applications/1", "organisation", 422)


def at_upload(journey: Journey) -> Iterator[Bad]:
    application, key = f"{INTAKE}/applications/{journey.story.application_id}", journey.story.asked[0]
    pdf = {"content": small_pdf("bad")}
    file = f"{application}/materials/{key}/file?filename=a.pdf"
    upload = Bad("upload", "PUT", file, "organisation", 422, content=pdf)
    yield upload.by("another citizen", 404, "a file for somebody else's application")
    yield upload.by("citizen", 404, "a file by the person, not the organisation")
    yield upload.by("clerk", 403, "a file by the clerk")
    program = b"MZ\x90\x00" + b"\x00" * 600
    yield Bad("a program", "PUT", file, "organisation", (415, 422), content={"content": program})
    yield Bad("a page", "PUT", file, "organisation", (415, 422), content={"content": b"<html><script>alert(1)</script>" + b" " * 600})
    yield Bad("a lie", "PUT", file, "organisation", (415, 422), {"Content-Type": "image/png"}, pdf)
    yield Bad("nothing", "PUT", file, "organisation", (400, 422), content={"content": b""})
    yield Bad("too much", "PUT", file, "organisation", 413, content={"content": pdf["content"] + b"0" * (21 * 1024 * 1024)})
    yield Bad("no name", "PUT", f"{application}/materials/{key}/file", "organisation", 422, content=pdf)
    yield Bad("no such material", "PUT", f"{application}/materials/nothing/file?filename=a.pdf", "organisation", 404, content=pdf)
    yield Bad(
        "what the library has",
        "PUT",
        f"{application}/materials/business-licence/file?filename=a.pdf",
        "organisation",
        (409, 422),
        content=pdf,
    )
    yield Bad("another's file", "GET", f"{application}/materials/{key}/file", "another citizen", 404)


def at_fill_in_form(journey: Journey) -> Iterator[Bad]:
    application = f"{INTAKE}/applications/{journey.story.application_id}"
    etag = {"If-Match": journey.story.application_etag}
    form = Bad("form", "PUT", f"{application}/form", "organisation", 422, etag, {"json": {"form": journey.cast.form}})
    yield form.by("another citizen", 404, "somebody else's form")
    yield Bad("no version seen", "PUT", form.path, "organisation", 428, content=form.content)
    yield Bad("an old version", "PUT", form.path, "organisation", 412, {"If-Match": '"0"'}, form.content)
    yield Bad("no version", "PUT", form.path, "organisation", 412, {"If-Match": "latest"}, form.content)
    unfit: tuple[Any, ...] = ([], "text", {"a": 1e400}, {"a": 2**60})
    for value in unfit:
        yield Bad(
            f"form {value}",
            "PUT",
            form.path,
            "organisation",
            (400, 422),
            {**etag, "Content-Type": "application/json"},
            {"content": _loose({"form": value})},
        )
    yield from broken_bodies(form)
    # Submitted too early: what is missing is said at once.
    yield Bad("an empty form submitted", "POST", f"{application}/submit", "organisation", 422, etag)


def at_submit(journey: Journey) -> Iterator[Bad]:
    application = f"{INTAKE}/applications/{journey.story.application_id}"
    submit = Bad("submit", "POST", f"{application}/submit", "organisation", 428)
    yield submit
    yield Bad("an old version", "POST", submit.path, "organisation", 412, {"If-Match": '"1"'})
    yield Bad("somebody else submits", "POST", submit.path, "another citizen", 404, {"If-Match": journey.story.application_etag})
    yield Bad("a clerk submits", "POST", submit.path, "clerk", 403, {"If-Match": journey.story.application_etag})
    yield Bad(
        "a draft accepted", "POST", _at_the_window(journey, "/accept"), "clerk", (404, 409), {"If-Match": journey.story.application_etag}
    )


def at_accept(journey: Journey) -> Iterator[Bad]:
    etag = {"If-Match": journey.story.application_etag}
    accept = Bad("accept", "POST", _at_the_window(journey, "/accept"), "clerk", 428)
    yield accept
    yield Bad("an old version", "POST", accept.path, "clerk", 412, {"If-Match": '"1"'})
    for who in ("citizen", "organisation", "reviewer", "system"):
        yield Bad(f"a {who} accepts", "POST", accept.path, who, 403, etag)
    refuse = Bad(
        "refuse",
        "POST",
        _at_the_window(journey, "/refuse"),
        "clerk",
        422,
        etag,
        {"json": {"reasons": "材料不全", "remedies": "补齐后再来"}},
    )
    yield Bad("refused without reasons", "POST", refuse.path, "clerk", 422, etag, {"json": {"reasons": "", "remedies": ""}})
    yield from broken_bodies(refuse)
    yield Bad(
        "submitted again",
        "POST",
        f"{INTAKE}/applications/{journey.story.application_id}/submit",
        "organisation",
        409,
        {**etag, **fresh_key()},
    )
    yield Bad("no such application", "GET", f"{INTAKE}/window/applications/{SOMETHING}", "clerk", 404)
    yield Bad("no such state", "GET", f"{INTAKE}/window/applications?state=draft", "clerk", 422)


def at_review(journey: Journey) -> Iterator[Bad]:
    yield Bad(
        "accepted again", "POST", _at_the_window(journey, "/accept"), "clerk", (409, 412), {"If-Match": journey.story.application_etag}
    )
    receipt = f"{INTAKE}/receipts/{journey.story.receipt_number}"
    yield Bad("another's receipt", "GET", receipt, "another citizen", 404)
    yield Bad("another's proof", "GET", f"{receipt}/proof", "another citizen", 404)
    yield Bad("not a receipt", "GET", f"{INTAKE}/receipts/1", "organisation", 422)
    tasks = f"{APPROVAL}/tasks"
    yield Bad("no such task", "POST", f"{tasks}/{SOMETHING}/claim", "reviewer", 404)
    yield Bad("not a task", "POST", f"{tasks}/1/claim", "reviewer", 422)
    yield Bad("no such state", "GET", f"{tasks}?state=any", "reviewer", 422)
    for who in ("citizen", "organisation", "clerk", "system"):
        yield Bad(f"a {who} looks at tasks", "GET", tasks, who, 403)
    yield Bad("no such case", "GET", f"{APPROVAL}/cases/{SOMETHING}", "reviewer", 404)


def at_decide(journey: Journey) -> Iterator[Bad]:
    case = f"{APPROVAL}/cases/{journey.story.case_id}"
    yield Bad("another department's case", "GET", case, "another department's reviewer", 404)
    yield Bad("another department's clock", "GET", f"{case}/clock", "another department's reviewer", 404)
    yield Bad("the applicant reads the file", "GET", case, "organisation", 403)


def at_certificate(journey: Journey) -> Iterator[Bad]:
    for what, identifier, status in (
        ("a mistyped identifier", "1.2.156.3005.2.12511600DEM099990F002.11511602DEM000014R.58X36Q7EUN2V1EBY.001.1", 422),
        ("not an identifier", "hello", 422),
        ("no identifier", "%20", 422),
    ):
        yield Bad(what, "GET", f"{CERTIFICATES}/verify/{identifier}", None, status)
    verify = Bad("verify", "POST", f"{CERTIFICATES}/verify", None, 422, content={"json": {"jws": "not.a.jws"}})
    yield Bad("not signed text", "POST", verify.path, None, (400, 422), content=verify.content)
    yield from broken_bodies(verify)
    yield Bad("no such certificate", "GET", f"{CERTIFICATES}/certificates/{SOMETHING}", "organisation", 404)
    supply = {"type_code": journey.cast.item.result_certificate_type}
    yield Bad("a citizen supplies", "POST", f"{CERTIFICATES}/certificates", "citizen", 403, content={"json": supply})
    yield Bad("half a certificate", "POST", f"{CERTIFICATES}/certificates", "system", 422, content={"json": supply})


def at_webhooks(journey: Journey) -> Iterator[Bad]:
    certificate = f"{CERTIFICATES}/certificates/{journey.story.certificate_id}"
    for room in ("", "/pdf", "/jws"):
        yield Bad(f"another's certificate{room}", "GET", certificate + room, "another citizen", (404, 422))
        yield Bad(f"a clerk reads a certificate{room}", "GET", certificate + room, "clerk", 403)
    yield Bad("no such delivery", "POST", f"{EXCHANGE}/deliveries/{SOMETHING}/redeliver", "system", 404)


def at_evidence(journey: Journey) -> Iterator[Bad]:
    evidence = f"{EXCHANGE}/evidence"
    yield Bad("no such event", "GET", f"{evidence}/proofs/{SOMETHING}", None, 404)
    yield Bad("not an event", "GET", f"{evidence}/proofs/1", None, 422)
    yield Bad("no such tile", "GET", f"{evidence}/tile/0/999", None, 404)
    yield Bad("not a tile", "GET", f"{evidence}/tile/0/abc", None, (400, 404, 422))
    yield Bad("before the beginning", "GET", f"{evidence}/entries?after=-5", None, 422)


def at_track(journey: Journey) -> Iterator[Bad]:
    yield Bad("a guessed code", "GET", f"{INTAKE}/tracking/{'A' * 20}", None, 404)
    yield Bad("a short code", "GET", f"{INTAKE}/tracking/a", None, 422)
    yield Bad(
        "withdrawn after the decision",
        "POST",
        f"{INTAKE}/applications/{journey.story.application_id}/withdraw",
        "organisation",
        (409, 412),
        {"If-Match": '"1"'},
    )


def at_wallet(journey: Journey) -> Iterator[Bad]:
    for who in ("clerk", "reviewer", "system"):
        yield Bad(f"a {who} opens a wallet", "GET", f"{CERTIFICATES}/wallet", who, 403)
    use = {"purpose": "试试", "item_code": "x", "item_name": "x", "application_id": str(SOMETHING), "type_codes": ["x"]}
    yield Bad("a type that is none", "POST", f"{CERTIFICATES}/uses", "organisation", 422, content={"json": use})
    yield from broken_bodies(Bad("use", "POST", f"{CERTIFICATES}/uses", "organisation", 422, content={"json": use}))


ATTEMPTS: dict[str, Callable[[Journey], Iterator[Bad]]] = {
    name.removeprefix("at_"): attempts for name, attempts in list(globals().items()) if name.startswith("at_")
}


def test_every_step_of_the_journey_is_attacked() -> None:
    assert list(ATTEMPTS) == [step.key for step in STEPS]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
async def test_nothing_wrong_gets_through_and_the_step_still_works(single: RunningSuite, step: Any) -> None:
    async with journey_through(single, up_to=step.key) as journey:
        outsiders = Outsiders(single, journey)
        if STEPS.index(step) > STEPS.index(DECIDE):
            await journey.take(CERTIFICATE)  # what follows a decision by itself has to have followed before anything is compared
        before = await seen(journey)
        for bad in ATTEMPTS[step.key](journey):
            await refused(journey, outsiders, bad)
        assert await seen(journey) == before
        assert await journey.take(step)
        await journey.unsubscribe()


def _at_the_window(journey: Journey, verb: str) -> str:
    return f"{INTAKE}/window/applications/{journey.story.application_id}{verb}"


def _loose(document: Any) -> bytes:
    """JSON as careless programs write it, with numbers too large for anything."""
    return json.dumps(document).replace("Infinity", "1e999").encode()
