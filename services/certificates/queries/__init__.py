"""What is read from the certificate library."""
