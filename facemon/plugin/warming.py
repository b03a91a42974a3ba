"""What would hold up the first requests of a run: models are loaded, and code is imported, before it starts.

Otherwise the first judgements take the processor from requests under way, which then look slow.
"""

from __future__ import annotations

import asyncio
import io
from contextlib import suppress
from typing import TYPE_CHECKING

from facemon.judges import evaluators_of
from facemon.model import FaceRequest
from facemon.monitor import Monitor
from facemon.vision.models import attribute_networks, face_finder
from facemon.vision.trouble import ModelUnavailable

if TYPE_CHECKING:
    from facemon.config import Settings


_warm: set[tuple[str, ...]] = set()


async def warm_up(settings: Settings) -> None:
    """Judge a picture of nothing, which is neither asked of the service nor kept; once a process.

    Raises ConfigError as `evaluators_of` does.
    """
    if settings.evaluators in _warm:
        return
    _warm.add(settings.evaluators)
    with suppress(ModelUnavailable):  # each score will say so
        await asyncio.to_thread(face_finder)
        await asyncio.to_thread(attribute_networks)
    async with Monitor(evaluators=evaluators_of(settings)) as monitor:
        result = await monitor.watch(_nothing, FaceRequest(30, "female"))
        await result.scored()


async def _nothing(_: FaceRequest) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((512, 512), 40).convert("RGB").save(out, "PNG")
    return out.getvalue()
