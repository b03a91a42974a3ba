"""What can be wrong with a photograph of the right person: focus, noise, light, compression, resolution.

Each defect takes an RGB image and a seed and returns an image of the same size; lengths are in proportion to its
short side, so that the defect looks the same at every size.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

Defect = Callable[[Image.Image, int], Image.Image]

_FOCUS_RADIUS = 8 / 1024  # of the short side; half of what moderation blurs
_NOISE = 40.0  # grey values: standard deviation
_COLOURED = 0.4  # of the noise's deviation: the part in which the channels differ
_NOISE_GRAIN = 2.5 / 1536  # of the short side: finer noise would be gone once the picture is reduced
_UNDEREXPOSED = 0.2  # of the encoded values
_BURNT_SHARE = 0.6  # of the middle of the picture, where the face is
_WORST_QUALITY = 5  # of 95: blocks of 8 pixels are plain to see
_THUMBNAIL = 128  # pixels of the short side


def out_of_focus(image: Image.Image, _seed: int) -> Image.Image:
    """Soft all over, though features can still be told."""
    return image.filter(ImageFilter.GaussianBlur(_FOCUS_RADIUS * min(image.size)))


def noisy(image: Image.Image, seed: int) -> Image.Image:
    """Sensor noise as at a far too high sensitivity: mostly in brightness, some in colour."""
    chance = np.random.default_rng(seed)
    grain = max(1.0, _NOISE_GRAIN * min(image.size))
    cells = (max(1, round(image.height / grain)), max(1, round(image.width / grain)), 4)
    noise = chance.standard_normal(cells, np.float32)
    noise[..., :3] = _COLOURED * noise[..., :3] + np.sqrt(1 - _COLOURED**2) * noise[..., 3:]
    # 128 ± 40 in bytes, which Pillow enlarges at once; NEAREST keeps the deviation.
    grains = Image.fromarray(np.clip(128 + _NOISE * noise[..., :3], 0, 255).astype(np.uint8))
    spread = np.asarray(grains.resize(image.size, Image.Resampling.NEAREST), np.int16) - np.int16(128)
    return Image.fromarray(np.clip(np.asarray(image) + spread, 0, 255).astype(np.uint8))


def underexposed(image: Image.Image, _seed: int) -> Image.Image:
    """Far too dark: every encoded value is a fifth of what it was."""
    return image.point([round(value * _UNDEREXPOSED) for value in range(256)] * 3)


def overexposed(image: Image.Image, _seed: int) -> Image.Image:
    """Far too light: most of the middle, where the face is, is burnt to white, in whatever tone of skin."""
    width, height = image.size
    middle = image.crop((round(0.4 * width), round(0.35 * height), round(0.6 * width), round(0.6 * height)))
    darkest_channel = np.asarray(middle).min(axis=2)
    gain = 255 / max(1.0, float(np.quantile(darkest_channel, 1 - _BURNT_SHARE)))
    return image.point([min(255, round(value * gain)) for value in range(256)] * 3)


def heavily_compressed(image: Image.Image, _seed: int) -> Image.Image:
    """As it comes back from a JPEG file of the lowest quality."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=_WORST_QUALITY)
    return Image.open(stream).convert("RGB")


def upscaled(image: Image.Image, _seed: int) -> Image.Image:
    """A thumbnail blown up: the size is right, the detail is not there."""
    scale = min(1.0, _THUMBNAIL / min(image.size))
    small = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(small, Image.Resampling.LANCZOS).resize(image.size, Image.Resampling.BICUBIC)
