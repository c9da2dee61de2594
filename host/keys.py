"""`tongban keys rotate`: change the suite's signing keys from the machine that holds its database."""

from collections.abc import Callable
from pathlib import Path

from chassis.app import clock_of
from chassis.clock import LOCAL_ZONE
from chassis.crypto import KeyRing
from chassis.database import Database
from host.operations import installation
from host.services import chosen
from services.identity.commands.rotate_keys import replace_stolen_keys, rotate_keys
from services.identity.settings import IdentitySettings

Say = Callable[[str], None]


async def rotate(var: Path, *, emergency: bool, say: Say) -> None:
    """The running processes hear of it by themselves. Raises UnknownTarget."""
    [entry] = chosen(["identity"])
    async with installation(var) as environment:
        environment.adopt()
        settings = environment.settings_for(entry)
        assert isinstance(settings, IdentitySettings)
        master, previous = settings.master_key.get_secret_value(), [old.get_secret_value() for old in settings.previous_master_keys]
        db = Database(settings.dsn, service=entry.name, clock=clock_of(settings), pool_size=1)
        try:
            async with db.write() as tx:
                ring = KeyRing(master, previous, service=entry.name)
                if emergency:
                    kid = await replace_stolen_keys(tx, ring)
                    say(
                        f"{kid}: 立即启用，旧密钥已撤回，所有令牌须重新获取 signs now; the keys before are withdrawn, every token is refused"
                    )
                else:
                    kid, begins = await rotate_keys(tx, ring, settings.key_schedule)
                    at = begins.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M:%S")
                    say(f"{kid}: 已公布，自 {at} 起签名 is published and signs from {at}")
        finally:
            await db.close()
