"""Access tokens that nobody may believe, each by the name of the attack: made from a good one, by somebody who has no key of the issuer's.

The last ones are the issuer's own, but are over, for somebody else, or no access tokens.
"""

import base64
from collections.abc import Callable, Mapping
import hashlib
import hmac
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.support.tokens import Issuer

Forge = Callable[[Issuer], str]
ELSEWHERE = "https://login.elsewhere.example"


def _claims(issuer: Issuer, **change: Any) -> dict[str, Any]:
    """Those of a good token, changed; a change of None leaves one out."""
    payload = issuer.token("service").split(".")[1]
    claims = {**json.loads(base64.urlsafe_b64decode(payload + "==")), **change}
    return {name: value for name, value in claims.items() if value is not None}


def _encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _header(issuer: Issuer, alg: str) -> dict[str, Any]:
    return {"alg": alg, "typ": "at+jwt", "kid": issuer.key.kid}


def _mixed_up_issuer(issuer: Issuer) -> str:
    """Another provider, honest or not, signs people in at the same client: its tokens are not ours."""
    return Issuer(issuer.now).sign(_claims(issuer, iss=ELSEWHERE))


def _mixed_up_issuer_with_our_name(issuer: Issuer) -> str:
    return Issuer(issuer.now).sign(_claims(issuer), header={"kid": issuer.key.kid})


def _mixed_up_issuer_with_our_key(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer, iss=ELSEWHERE))


def _no_issuer(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer, iss=None))


def _unsigned(issuer: Issuer) -> str:
    return f"{_encoded(_header(issuer, 'none'))}.{_encoded(_claims(issuer))}."


def _signature_cut_off(issuer: Issuer) -> str:
    return issuer.token("service").rpartition(".")[0] + "."


def _algorithm_confusion_hmac_with_the_public_key(issuer: Issuer) -> str:
    """The public key, which everybody has, as the secret of a symmetric algorithm."""
    head = f"{_encoded(_header(issuer, 'HS256'))}.{_encoded(_claims(issuer))}"
    mac = hmac.new(issuer.key.as_pem(private=False), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _algorithm_confusion_own_secret(issuer: Issuer) -> str:
    return jwt.encode(_header(issuer, "HS256"), _claims(issuer), OctKey.generate_key(256))


def _algorithm_confusion_rsa(issuer: Issuer) -> str:
    return jwt.encode(_header(issuer, "RS256"), _claims(issuer), RSAKey.generate_key(2048))


def _algorithm_confusion_signed_as_told(issuer: Issuer) -> str:
    """The issuer's signature under a header that names another algorithm."""
    _, payload, signature = issuer.token("service").split(".")
    return f"{_encoded(_header(issuer, 'HS256'))}.{payload}.{signature}"


def _foreign_key(issuer: Issuer) -> str:
    return jwt.encode(_header(issuer, "ES256"), _claims(issuer), ECKey.generate_key("P-256"))


def _foreign_key_in_the_header(issuer: Issuer) -> str:
    stranger = ECKey.generate_key("P-256")
    return jwt.encode({**_header(issuer, "ES256"), "jwk": stranger.as_dict(private=False)}, _claims(issuer), stranger)


def _foreign_key_under_its_own_name(issuer: Issuer) -> str:
    return Issuer(issuer.now).sign(_claims(issuer))


def _changed_claims(issuer: Issuer) -> str:
    head, _, signature = issuer.token("service").split(".")
    return f"{head}.{_encoded(_claims(issuer, scope='identity.admin'))}.{signature}"


def _expired(issuer: Issuer) -> str:
    return issuer.token("service", seconds=-60)


def _without_end(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer, exp=None))


def _not_yet_good(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer, nbf=int(issuer.now()) + 600))


def _for_another_audience(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer, aud="elsewhere"))


def _an_id_token(issuer: Issuer) -> str:
    return issuer.sign(_claims(issuer), header={"typ": "JWT"})


FORGERIES: Mapping[str, Forge] = {
    forge.__name__.strip("_").replace("_", " "): forge
    for forge in (
        _mixed_up_issuer, _mixed_up_issuer_with_our_name, _mixed_up_issuer_with_our_key, _no_issuer, _unsigned, _signature_cut_off,
        _algorithm_confusion_hmac_with_the_public_key, _algorithm_confusion_own_secret, _algorithm_confusion_rsa,
        _algorithm_confusion_signed_as_told, _foreign_key, _foreign_key_in_the_header, _foreign_key_under_its_own_name, _changed_claims,
        _expired, _without_end, _not_yet_good, _for_another_audience, _an_id_token,
    )
}  # fmt: skip
