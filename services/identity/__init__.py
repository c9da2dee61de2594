"""identity: who is asking. People, organisations, staff, systems; the suite's OpenID Connect provider.

Owns: people, organisations, representations, departments, staff, delegations, clients, client_requests, authorization_codes,
token_families, refresh_tokens, one_time_secrets, signing_keys, attempt_counters, administrative_changes. Publishes:
tongban.identity.person, .organisation, .department, .staff, .delegation. Reads no topic.
Asks, at the border: the population base and the legal-person base. Called by: everyone for tokens, keys and (at every request of
staff) where they stand; certificates for a holder's number; administrators for departments, staff and clients.
A full citizen ID number leaves only through `GET /holders/{subject_id}/identifier`, and that reading is recorded.
"""
