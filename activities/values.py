"""The base of everything that crosses the boundary between lives and acts."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; later fields are optional and unknown ones ignored, so old histories replay."""

    model_config = ConfigDict(frozen=True, extra="ignore")
