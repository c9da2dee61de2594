"""Every SQL statement of the exchange: `evidence` for the log, `webhooks` for subscriptions and deliveries."""
