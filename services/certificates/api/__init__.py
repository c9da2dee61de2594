"""The HTTP interface of the certificate library."""
