"""What changes the certificate library, one verb a file."""
