"""The person: the named features that make one face differ from another.

Lengths are in face units (see `canvas`), angles in radians unless a comment says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from facemon.simulator.portraits.ageing import Ageing
from facemon.simulator.portraits.colours import Colour
from facemon.simulator.portraits.dice import Dice


@dataclass(frozen=True)
class Skull:
    cheek: float  # half the width at the cheekbones
    jaw: float  # half the width at the corners of the jaw
    chin: float  # half the width of the chin
    length: float  # of the lower face, 1 is average
    ridge: float  # how far the brow stands out


@dataclass(frozen=True)
class Eyes:
    distance: float  # from the middle of the face
    width: float  # half an eye
    opening: float  # of the lids, 1 is average
    tilt: float  # outer corner up
    iris: Colour
    lashes: float
    shadow: float  # on the upper lid


@dataclass(frozen=True)
class Brows:
    height: float  # v
    thickness: float
    arch: float
    strength: float


@dataclass(frozen=True)
class Nose:
    length: float  # v of the tip
    width: float  # half the width at the wings
    depth: float


@dataclass(frozen=True)
class Mouth:
    height: float  # v
    width: float  # half
    upper: float  # thickness of the upper lip
    lower: float
    redness: float
    smile: float  # corners up


@dataclass(frozen=True)
class Skin:
    colour: Colour
    darkness: float  # 0 the lightest, 1 the darkest tone
    blush: float
    stubble: float
    beard: float


@dataclass(frozen=True)
class Hair:
    style: str
    colour: Colour
    brow_colour: Colour
    hairline: float  # v at the middle of the forehead
    volume: float
    parting: float  # u
    waves: float


@dataclass(frozen=True)
class Scene:
    background: Colour
    cloth: Colour
    light: float  # where the light comes from: negative is the picture's left
    exposure: float
    roll: float  # of the head, in degrees
    earrings: bool
    scale: float
    shift: tuple[float, float]  # of the face, as a share of the short side


@dataclass(frozen=True)
class Person:
    age: int
    gender: str
    seed: int
    ageing: Ageing
    skull: Skull
    eyes: Eyes
    brows: Brows
    nose: Nose
    mouth: Mouth
    skin: Skin
    hair: Hair
    scene: Scene

    @property
    def male(self) -> bool:
        return self.gender == "male"

    def dice(self, part: str) -> Dice:
        """A fresh stream of chance for drawing this part."""
        return Dice(self.age, self.gender, self.seed, part)
