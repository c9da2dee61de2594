"""The evidence log leaves nothing out."""

from host.services import SERVICES
from services.exchange.consumers.evidence import TOPICS


def test_every_topic_of_every_service_is_entered_in_the_evidence_log() -> None:
    published = {topic for entry in SERVICES.values() for topic in entry.topics}
    assert published == set(TOPICS)
