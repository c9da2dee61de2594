"""What all tables of the service belong to."""

from chassis.tables import service_metadata

metadata = service_metadata()
