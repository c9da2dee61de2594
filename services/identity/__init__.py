"""identity: who is asking. People, organisations, staff, systems; the suite's OpenID Connect provider.

Owns: people, organisations, representations, departments, staff, clients, authorization_codes, token_families, refresh_tokens,
browser_sessions, consents, logout_notices, pushed_requests, used_once, signing_keys, attempt_counters, delegations,
one_time_secrets, administrative_changes, client_requests, verifications, mandates, devices, one_codes, one_code_refusals, visits,
one_time_codes, known_places, device_grants, phone_checks. Publishes: tongban.identity.person, tongban.identity.organisation, tongban.identity.department,
tongban.identity.staff, tongban.identity.delegation, tongban.identity.mandate. Reads no topic. Asks, at the border: population base,
legal-person base, bank channel, face service, message sender, clients for their keys; tells clients of sign-offs. Called by: everyone for
tokens and keys, and whether what a token stands on still holds; certificates for a holder's number; the operator for departments, staff,
clients and keys.
A full citizen ID number leaves only through `GET /holders/{subject_id}/identifier`, and that reading is recorded.
"""
