"""What the certificate library learns from others."""
