"""What the identity service is asked without anything changing."""
