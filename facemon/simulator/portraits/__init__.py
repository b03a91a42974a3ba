"""Portraits drawn by our own code, in place of the vendor's pictures.

`PictureCache` hands out encoded pictures, `stamp` makes their bytes unique, `draw_portrait` draws one.
"""

from __future__ import annotations

from facemon.simulator.portraits.cache import PictureCache
from facemon.simulator.portraits.disk import default_cache_folder
from facemon.simulator.portraits.encoding import encode
from facemon.simulator.portraits.keys import PictureKey
from facemon.simulator.portraits.nonce import stamp
from facemon.simulator.portraits.painter import draw_portrait
from facemon.simulator.portraits.photograph import enlarge

__all__ = [
    "PictureCache",
    "PictureKey",
    "default_cache_folder",
    "draw_portrait",
    "encode",
    "enlarge",
    "stamp",
]
