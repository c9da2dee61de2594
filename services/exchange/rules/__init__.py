"""Pure decisions of the exchange: tiles of the log, what may be subscribed to, when to try again."""
