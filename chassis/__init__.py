"""What every service stands on. No business nouns live here, and it stays small: a test holds both."""
