"""CLIPScore, on two ONNX graphs small enough to follow by hand.

The picture's vector is the mean of each colour, normalised as CLIP does. The text's vector counts its tokens by a
table of weights: a prompt of `red` points along the first axis, one of `blue` along the third.
"""

import json

import numpy as np
import pytest
from PIL import Image

from facemon.errors import ConfigError
from facemon.evaluators.base import Asked
from facemon.evaluators.text_similarity import TextSimilarity
from facemon.model import ScoreVerdict
from facemon.scoring import score

PASSED, UNSCORED = ScoreVerdict.PASSED, ScoreVerdict.UNSCORED
FLOAT, INT64 = 1, 7  # ONNX's numbers of the types
VOCABULARY = {"<|startoftext|>": 0, "red</w>": 1, "blue</w>": 2, "<|endoftext|>": 3}
DIRECTIONS = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]], np.float32)  # of each token
SIDE, CONTEXT = 8, 5


# --- ONNX's protocol buffers by hand: field number, type of wire, content ---


def varint(value):
    """A whole number, seven bits a byte."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes((*found, value))


def field(number, content):
    """A whole number, or bytes with their length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def value(name, kind, shape):
    """An input or output."""
    dims = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dims)))


def node(operator, inputs, output, **whole_numbers):
    """One step; attributes are lists of whole numbers, or one."""
    parts = [field(1, name) for name in inputs] + [field(2, output), field(4, operator)]
    for name, content in whole_numbers.items():
        if isinstance(content, list):
            body = b"".join(field(8, item) for item in content) + field(20, 7)
        else:
            body = field(3, content) + field(20, 2)
        parts.append(field(5, field(1, name) + body))
    return b"".join(parts)


def table(name, array):
    """Constants."""
    dims = b"".join(field(1, size) for size in array.shape)
    return dims + field(2, FLOAT) + field(8, name) + field(9, array.tobytes())


def model(nodes, inputs, outputs, tables=()):
    """The file: ONNX's operators of version 13."""
    graph = b"".join(
        [
            *(field(1, each) for each in nodes),
            field(2, "tiny"),
            *(field(5, each) for each in tables),
            *(field(11, each) for each in inputs),
            *(field(12, each) for each in outputs),
        ]
    )
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def vision(name="image_embeds"):
    """Pixels → the mean of each colour; before it an output that is not the vector."""
    return model(
        [
            node("Identity", ["pixels"], "hidden"),
            node("ReduceMean", ["pixels"], name, axes=[2, 3], keepdims=0),
        ],
        [value("pixels", FLOAT, (1, 3, SIDE, SIDE))],
        [value("hidden", FLOAT, (1, 3, SIDE, SIDE)), value(name, FLOAT, (1, 3))]
        if name == "image_embeds"
        else [value(name, FLOAT, (1, 3))],
    )


def text(masked=False):
    """Numbers of tokens → the sum of their directions."""
    inputs = [value("input_ids", INT64, (1, CONTEXT))]
    if masked:
        inputs.append(value("attention_mask", INT64, (1, CONTEXT)))
    steps = [
        node("Gather", ["directions", "input_ids"], "gathered"),
        node("ReduceMean", ["gathered"], "text_embeds", axes=[1], keepdims=0),
    ]
    return model(steps, inputs, [value("text_embeds", FLOAT, (1, 3))], [table("directions", DIRECTIONS)])


@pytest.fixture
def folder(tmp_path):
    """A model as a user would name it."""
    (tmp_path / "vision.onnx").write_bytes(vision())
    (tmp_path / "text.onnx").write_bytes(text())
    (tmp_path / "vocab.json").write_text(json.dumps(VOCABULARY))
    merges = ["#version: 0.2", "r e", "re d</w>", "b l", "bl u", "blu e</w>"]
    (tmp_path / "merges.txt").write_text("\n".join(merges))
    return tmp_path


def judged(encode, folder, prompt, colour=(255, 0, 0), size=(64, 64), **options):
    """The one score."""
    data = encode(Image.new("RGB", size, colour), **options)
    (found,) = score(data, Asked(prompt=prompt), [TextSimilarity(model=folder)])
    return found


def expected(colour, axis):
    """The cosine by hand: CLIP's published mean and deviation of each colour."""
    mean, spread = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    vector = (np.array(colour) / 255 - mean) / spread
    return vector[axis] / np.linalg.norm(vector)


@pytest.mark.parametrize("size", [(64, 64), (1, 1), (300, 8), (5, 900)])
@pytest.mark.parametrize(("prompt", "axis"), [("red", 0), ("Blue", 2), ("red red", 0)])
def test_the_score_is_clipscore(encode, folder, prompt, axis, size):
    """250 times the cosine of the two directions, at most 100 and at least 0, by hand."""
    for colour in ((255, 0, 0), (0, 0, 255), (145, 190, 125)):
        found = judged(encode, folder, prompt, colour, size)
        cosine = expected(colour, axis)
        assert (found.verdict, found.unit, found.weight) == (PASSED, "cosine similarity", 0)
        assert found.raw == pytest.approx(cosine, abs=1e-4)
        assert found.score == pytest.approx(min(max(250 * cosine, 0), 100), abs=0.05)


def test_it_sees_the_middle_square(encode, folder):
    """As CLIP was trained: the shorter side decides, and what is beside the middle is not seen."""
    image = Image.new("RGB", (192, 64), (0, 0, 255))
    image.paste((255, 0, 0), (64, 0, 128, 64))
    (found,) = score(encode(image), Asked(prompt="red"), [TextSimilarity(model=folder)])
    assert found.raw == pytest.approx(expected((255, 0, 0), 0), abs=0.05)


def test_a_model_that_asks_for_a_mask_or_names_its_output_otherwise(encode, folder):
    """Exports differ: a second input is told to look at everything, an unknown output is the first one."""
    plain = judged(encode, folder, "red")
    (folder / "text.onnx").write_bytes(text(masked=True))
    (folder / "vision.onnx").write_bytes(vision("pooled"))
    assert judged(encode, folder, "red") == plain


def test_no_prompt_no_score(encode, folder):
    """There is nothing to compare the picture with."""
    data = encode(Image.new("RGB", (9, 9)))
    assert score(data, Asked(), [TextSimilarity(model=folder)]) == ()


def test_a_prompt_of_nothing_known_is_no_direction(encode, folder):
    """A vector of no length has no direction: no similarity, and no division by nothing."""
    assert judged(encode, folder, "").raw == 0


def test_what_does_not_decode_is_unscored(folder):
    """That is another's finding."""
    (found,) = score(b"no", Asked(prompt="red"), [TextSimilarity(model=str(folder))])
    assert found.verdict is UNSCORED


def test_texts_are_read_once(encode, folder):
    """A monitor asks for the same faces again and again."""
    judge = TextSimilarity(model=folder)
    data = encode(Image.new("RGB", (9, 9), "red"))
    first = score(data, Asked(prompt="red"), [judge])
    judge._clip._text = None  # it is not asked again
    assert score(data, Asked(prompt="red"), [judge]) == first


def test_without_a_model_the_error_says_what_to_set():
    """There is no default model: the error names the setting and the files."""
    with pytest.raises(
        ConfigError, match=r"FACEMON_CLIP_MODEL .* vision\.onnx, text\.onnx, vocab\.json, merges\.txt"
    ):
        TextSimilarity()


@pytest.mark.parametrize("name", ["vision.onnx", "text.onnx", "vocab.json", "merges.txt"])
@pytest.mark.parametrize("content", [None, b"", b"\x08\x08"])
def test_a_missing_or_damaged_file_is_a_config_error(folder, name, content):
    """The error names the folder and the files it should hold, once, at the start."""
    if name == "merges.txt" and content is not None:
        content = b"one two three\n"
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be loaded .* give a folder with vision\.onnx"):
        TextSimilarity(model=folder)
