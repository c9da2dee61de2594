"""Routes of the identity service, one router a resource."""
