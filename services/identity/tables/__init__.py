"""The tables of the identity service. Citizen ID and phone numbers are ciphertext beside a blind index; secrets are digests."""

from services.identity.tables.acting import (
    devices,
    known_places,
    mandates,
    one_code_refusals,
    one_codes,
    one_time_codes,
    phone_checks,
    visits,
)
from services.identity.tables.house import metadata
from services.identity.tables.offices import administrative_changes, client_requests, delegations, departments, one_time_secrets, staff
from services.identity.tables.people import organisations, people, representations, verifications
from services.identity.tables.sign_on import (
    attempt_counters,
    authorization_codes,
    browser_sessions,
    clients,
    consents,
    logout_notices,
    pushed_requests,
    refresh_tokens,
    signing_keys,
    token_families,
    used_once,
)
from services.identity.tables.ways import device_grants, passkey_challenges, passkeys, qr_sign_ins, sign_in_codes

__all__ = [
    "administrative_changes",
    "attempt_counters",
    "authorization_codes",
    "browser_sessions",
    "client_requests",
    "clients",
    "consents",
    "delegations",
    "departments",
    "device_grants",
    "devices",
    "known_places",
    "logout_notices",
    "mandates",
    "metadata",
    "one_code_refusals",
    "one_codes",
    "one_time_codes",
    "one_time_secrets",
    "organisations",
    "passkey_challenges",
    "passkeys",
    "people",
    "phone_checks",
    "pushed_requests",
    "qr_sign_ins",
    "refresh_tokens",
    "representations",
    "sign_in_codes",
    "signing_keys",
    "staff",
    "token_families",
    "used_once",
    "verifications",
    "visits",
]
