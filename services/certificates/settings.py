"""Settings of the certificate library."""

from typing import ClassVar

from chassis.settings import ServiceSettings


class CertificatesSettings(ServiceSettings):
    """The library adds nothing to what every service can be told."""

    service: ClassVar[str] = "certificates"
