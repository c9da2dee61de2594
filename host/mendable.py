"""What a person at the command line can put right, as a sentence instead of a stack trace."""

import asyncpg
from pydantic import ValidationError
from pydantic_settings import SettingsError

from chassis.crypto import InvalidMasterKey
from host.environment import BadSetting
from host.installations import FolderUnusable
from host.services import UnknownTarget
from host.serving import PortTaken
from host.stack.kafka import KafkaFailed
from host.stack.kafka_jars import JavaMissing, MavenMissing
from host.stack.postgres import PostgresFailed, PostgresInUse
from host.supervisor import NotReady
from host.up import DatabaseUnusable

_OURS = (
    BadSetting, DatabaseUnusable, FolderUnusable, InvalidMasterKey, PortTaken, PostgresFailed, PostgresInUse, KafkaFailed, JavaMissing, MavenMissing,
    NotReady, UnknownTarget,
)  # fmt: skip


def sentence_for(error: BaseException) -> str | None:
    """What went wrong and what to do; None for what only a developer can mend."""
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return sentence_for(error.exceptions[0])
    if isinstance(error, _OURS):
        return str(error)
    if isinstance(error, ValidationError) and error.title.endswith("Settings"):
        wrong = [f"TONGBAN_{'_'.join(str(part) for part in one['loc']).upper()}: {one['msg']}" for one in error.errors(include_input=False)]
        return "\n".join([*wrong, "docs/settings.md lists every setting"])
    if isinstance(error, SettingsError):
        return f"{error}: lists and maps are written as JSON; docs/settings.md lists every setting"
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return f"PostgreSQL: {error}; the role in TONGBAN_DATABASE_URL must own its databases, or be allowed to create them"
    return None
