"""The cache: memory before disk before drawing, and nothing broken is ever served."""

from __future__ import annotations

import io
import itertools
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from facemon.simulator.portraits import PictureCache, PictureKey, cache, default_cache_folder, disk

KEY = PictureKey(30, "male", 5, 64, 64, "png")


class Renderer:
    """Counts what is drawn, and draws something cheap of 1000 bytes."""

    def __init__(self) -> None:
        self.drawn: list[PictureKey] = []

    def __call__(self, key: PictureKey) -> bytes:
        self.drawn.append(key)
        return repr(key).encode().ljust(1000, b".")


@pytest.fixture
def renderer(monkeypatch: pytest.MonkeyPatch) -> Renderer:
    counting = Renderer()
    monkeypatch.setattr(cache, "render", counting)
    return counting


def _keys(count: int) -> list[PictureKey]:
    return [PictureKey(30, "male", seed, 64, 64, "png") for seed in range(count)]


def _only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_picture_is_drawn_once(tmp_path: Path, renderer: Renderer) -> None:
    """The second `get` comes from memory, a new cache's from disk, and neither draws."""
    first = PictureCache(tmp_path)
    assert not first.is_ready(KEY)
    body = first.get(KEY)
    assert first.is_ready(KEY)
    assert first.get(KEY) is body
    second = PictureCache(tmp_path)
    assert second.is_ready(KEY)
    assert second.get(KEY) == body
    assert renderer.drawn == [KEY]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda content: content + b"tail",
    ],
    ids=["one byte short", "half", "empty", "one bit", "too long"],
)
def test_a_damaged_file_is_drawn_again(tmp_path: Path, renderer: Renderer, damage) -> None:  # type: ignore[no-untyped-def]
    """A truncated or altered file is not ready and never served: it is drawn and written again."""
    body = PictureCache(tmp_path).get(KEY)
    path = _only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    fresh = PictureCache(tmp_path)
    assert not fresh.is_ready(KEY)
    assert fresh.get(KEY) == body
    assert len(renderer.drawn) == 2
    assert PictureCache(tmp_path).is_ready(KEY)


def test_a_file_can_be_opened_as_a_picture(tmp_path: Path) -> None:
    """The digest behind the picture does not keep a person from looking at a cached file."""
    PictureCache(tmp_path).get(KEY)
    with Image.open(_only_file(tmp_path)) as image:
        image.load()
        assert image.size == (64, 64)


def test_another_drawing_version_is_drawn_again(
    tmp_path: Path, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of an older drawing is not served."""
    PictureCache(tmp_path).get(KEY)
    monkeypatch.setattr(disk, "DRAWING_VERSION", disk.DRAWING_VERSION + 1)
    assert not PictureCache(tmp_path).is_ready(KEY)


def test_every_field_of_a_key_has_its_own_file(tmp_path: Path, renderer: Renderer) -> None:
    """No two different keys share a picture."""
    choices = ((30, 40), ("female", "male"), (5, 6), (64, 65), (64, 65), ("png", "webp"), ("plain", "blank"))
    keys = [PictureKey(*values) for values in itertools.product(*choices)]
    writing = PictureCache(tmp_path)
    bodies = {writing.get(key) for key in keys}
    assert len(bodies) == len(keys) == len(list(tmp_path.iterdir()))


def test_memory_is_bounded_and_keeps_what_was_used_last(renderer: Renderer) -> None:
    """Beyond the limit the picture that was asked for longest ago goes first."""
    one, two, three = _keys(3)
    pictures = PictureCache(None, memory_limit=2500)
    for key in (one, two, one, three):
        pictures.get(key)
    assert [pictures.is_ready(key) for key in (one, two, three)] == [True, False, True]


def test_a_picture_above_the_limit_drives_nothing_out(renderer: Renderer) -> None:
    """A body that can never fit is served without being kept, and costs no other its place."""
    pictures = PictureCache(None, memory_limit=999)
    assert len(pictures.get(KEY)) == 1000
    assert not pictures.is_ready(KEY)


def test_an_unwritable_folder_warns_once_and_works(tmp_path: Path, renderer: Renderer) -> None:
    """Without a folder to write to pictures are kept in memory, and the reason is said once."""
    (tmp_path / "file").write_text("in the way")
    pictures = PictureCache(tmp_path / "file" / "portraits")
    first, second = _keys(2)
    with pytest.warns(RuntimeWarning, match="in memory only"):
        pictures.get(first)
    pictures.get(second)  # a second warning would be an error
    assert pictures.is_ready(first)
    assert pictures.is_ready(second)


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full no half file is left, under any name."""

    def full(body: bytes) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "_digest", full)
    with pytest.warns(RuntimeWarning, match="No space left"):
        PictureCache(tmp_path).get(KEY)
    assert list(tmp_path.iterdir()) == []


def test_threads_share_a_cache(tmp_path: Path, renderer: Renderer) -> None:
    """Many threads on few pictures all get the right one, and the memory's size stays true."""
    keys = _keys(4)
    pictures = PictureCache(tmp_path, memory_limit=2000)
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(pictures.get, keys * 100))
    assert bodies == [Renderer()(key) for key in keys * 100]
    assert pictures._memory._size == sum(map(len, pictures._memory._bodies.values())) <= 2000


def test_prepare_draws_what_is_missing_in_processes(tmp_path: Path) -> None:
    """`prepare` draws each missing picture once, says how far it is, and gives what `get` would draw."""
    keys = [PictureKey(20, "female", seed, 64, 64, name) for seed in (1, 2) for name in ("png", "jpeg")]
    pictures = PictureCache(tmp_path)
    alone = pictures.get(keys[0])
    heard: list[tuple[int, int]] = []
    drawn = pictures.prepare([*keys, keys[1]], processes=2, progress=lambda *now: heard.append(now))
    assert drawn == 3
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert all(PictureCache(tmp_path).is_ready(key) for key in keys)
    assert pictures.prepare(keys) == 0
    other = PictureCache(None)
    other.prepare(keys[:1], processes=1)
    assert other.get(keys[0]) == alone


def test_one_process_draws_at_home(renderer: Renderer) -> None:
    """One process, or one picture, needs no pool: both are drawn in this process."""
    PictureCache(None).prepare(_keys(3), processes=1)
    PictureCache(None).prepare(_keys(1), processes=4)
    assert len(renderer.drawn) == 4


def test_a_broken_pool_is_no_reason_to_stop(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    """When worker processes die the rest is drawn in this one."""
    monkeypatch.setattr(cache, "ProcessPoolExecutor", BrokenPool)
    pictures = PictureCache(None)
    assert pictures.prepare(_keys(4), processes=2) == 4
    assert all(pictures.is_ready(key) for key in _keys(4))
    assert renderer.drawn == _keys(4)


class BrokenPool:
    """Draws one picture and breaks."""

    def __init__(self, *args: object, **kwargs: object) -> None: ...

    def map(self, function, keys):  # type: ignore[no-untyped-def]
        yield function(keys[0])
        raise cache.BrokenProcessPool

    def shutdown(self, *, cancel_futures: bool) -> None: ...


def test_the_default_folder_is_the_users_cache() -> None:
    """Pictures go where the platform keeps what can be made again, and asking creates nothing."""
    with warnings.catch_warnings(record=True) as caught:
        folder = default_cache_folder()
    assert folder.parts[-2:] == ("facemon", "portraits")
    assert not caught
    assert os.access(folder.anchor, os.R_OK)


def test_what_is_served_is_a_picture(tmp_path: Path) -> None:
    """From drawing to disk and back: the body decodes at the size asked for."""
    key = PictureKey(70, "female", 4294967295, 96, 64, "webp")
    PictureCache(tmp_path).get(key)
    with Image.open(io.BytesIO(PictureCache(tmp_path).get(key))) as image:
        assert (image.format, image.size) == ("WEBP", (96, 64))


def test_the_folder_stays_within_its_limit(tmp_path: Path) -> None:
    """Beyond its limit the shelf deletes what was written longest ago, of older drawings too."""
    stale = tmp_path / "v0-30-male-1-512x512-plain.png"
    stale.write_bytes(b"x" * 1000)
    os.utime(stale, (1, 1))
    shelf = disk.DiskShelf(tmp_path, limit=900)
    key = PictureKey(30, "male", 1, 512, 512, "png")
    shelf.write(key, b"y" * 500)
    assert not stale.exists()
    assert shelf.read(key) == b"y" * 500
