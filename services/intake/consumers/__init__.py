"""What intake hears, one file a topic."""

from services.intake.consumers.calendar import calendar
from services.intake.consumers.cases import cases
from services.intake.consumers.certificates import certificates

ALL = (cases, certificates, calendar)
