"""What the exchange answers."""
