"""Exchange: sharing. In this version it owns the evidence log, and departments' subscriptions with their signed webhooks.

Tables: `log_state`, `log_entries`, `log_nodes`; `subscriptions`, `webhook_events`, `deliveries`, `lanes`.
Topics in: all of the suite's (evidence); applications, cases and certificates (webhooks). Topics out: none yet.
Called by: department systems and anyone (proofs, keys), through the gateway; other services ask it for proofs.
It calls: the URLs that departments subscribed with.

The log is append-only: the database itself refuses to change or delete what was entered.
"""
