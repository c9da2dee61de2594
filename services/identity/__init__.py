"""identity: who is asking. People, organisations, staff, systems; the suite's OpenID Connect provider.

Owns: people, organisations, representations, departments, staff, clients, authorization_codes, token_families, refresh_tokens,
browser_sessions, consents, logout_notices, pushed_requests, used_once, signing_keys, attempt_counters.
Publishes: tongban.identity.person, tongban.identity.organisation. Reads no topic.
Asks, at the border: the population base and the legal-person base, clients for their keys; tells clients of sign-offs.
Called by: everyone for tokens and keys, certificates for a holder's number, the operator for departments, staff, clients and keys.
A full citizen ID number leaves only through `GET /holders/{subject_id}/identifier`, and that reading is recorded.
"""
