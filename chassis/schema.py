"""The base of request and response bodies: unknown members are refused, text is trimmed, nothing is guessed."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class View(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
