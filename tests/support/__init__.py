"""What tests of services share: a token issuer, peers that answer as told, a service on a real database."""
