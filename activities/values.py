"""The base of everything that crosses the boundary between lives and acts."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; fields added later are optional, unknown ones are ignored, so that old histories replay."""

    model_config = ConfigDict(frozen=True, extra="ignore")
