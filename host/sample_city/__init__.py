"""The sample city: Guang'an in Sichuan, with real places, real items and real limits, and people who do not exist.

`load_city()` reads the files beside this module into frozen models. Nothing here talks to a database or a service.
"""

from host.sample_city.loading import load_city
from host.sample_city.models import SampleCity

__all__ = ["SampleCity", "load_city"]
