"""What the exchange hears, one file a purpose."""
