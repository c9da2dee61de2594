"""Load an item that was approved elsewhere: the same content again changes nothing, other content is in force at once."""

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog.commands.hands import hand_of
from services.catalog.commands.publish_version import Provenance, Published, publish_version
from services.catalog.rules.content import ItemContent


async def publish_item(local_code: str, item: ItemContent, tx: WriteTx, *, publisher: Actor) -> Published:
    """It is recorded as loaded, without a review here. Raises PublicationRefused with every failure, VersionAhead, ItemEnded."""
    provenance = Provenance("loaded", written_by=[hand_of(publisher)], reviewed_by=None, published_by=publisher.key)
    return await publish_version(local_code, item, tx, begins=None, provenance=provenance)
