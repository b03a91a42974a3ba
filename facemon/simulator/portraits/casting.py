"""Who stands before the camera: features drawn from a seed, by age and gender.

The means are set by eye; `maleness` is 0 or 1 and moves them between the sexes.
"""

from __future__ import annotations

from facemon.simulator.portraits.ageing import Ageing, aged
from facemon.simulator.portraits.auditions import person_number
from facemon.simulator.portraits.colours import (
    GREY_HAIR,
    HAIR_COLOURS,
    IRIS_COLOURS,
    SKIN_TONES,
    from_palette,
    linear,
    mix,
    tint,
)
from facemon.simulator.portraits.dice import Dice
from facemon.simulator.portraits.features import Brows, Eyes, Hair, Mouth, Nose, Person, Scene, Skin, Skull


def imagine(age: int, gender: str, seed: int) -> Person:
    """The person of this age, gender and seed; always the same one. Wall and clothes are the seed's own."""
    return cast(age, gender, person_number(age, gender, seed), Dice(age, gender, seed, "backdrop"))


def cast(age: int, gender: str, number: int, backdrop: Dice) -> Person:
    """One of all the people that there are, taken or not."""

    def dice(part: str) -> Dice:
        return Dice(age, gender, number, part)

    maleness = 1.0 if gender == "male" else 0.0
    ageing = aged(age, dice("ageing"))
    skin = _skin(dice("complexion"), maleness)
    return Person(
        age=age,
        gender=gender,
        seed=number,
        ageing=ageing,
        skull=_skull(dice("skull"), maleness, ageing),
        eyes=_eyes(dice("eyes"), maleness, ageing, skin),
        brows=_brows(dice("brows"), maleness, ageing),
        nose=_nose(dice("nose"), maleness, ageing),
        mouth=_mouth(dice("mouth"), maleness, ageing),
        skin=skin,
        hair=_hair(dice("hair"), maleness, ageing, skin),
        scene=_scene(dice("scene"), backdrop, maleness),
    )


def _skull(dice: Dice, maleness: float, ageing: Ageing) -> Skull:
    return Skull(
        cheek=dice.near(1.07 + 0.02 * maleness, 0.03),
        jaw=dice.near(0.79 + 0.11 * maleness + 0.04 * ageing.wear, 0.035),
        chin=dice.near(0.40 + 0.13 * maleness, 0.03),
        length=dice.near(0.99 + 0.05 * maleness, 0.025),
        ridge=dice.near(0.10 * maleness, 0.01),
    )


def _eyes(dice: Dice, maleness: float, ageing: Ageing, skin: Skin) -> Eyes:
    # Blue eyes with dark skin are rare enough to look like a mistake.
    irises = len(IRIS_COLOURS) if skin.darkness < 0.4 else 2
    return Eyes(
        distance=dice.near(0.5, 0.012),
        width=dice.near(0.252 - 0.008 * maleness - 0.012 * ageing.decades, 0.008),
        opening=dice.near(1.18 - 0.18 * maleness - 0.26 * ageing.wear, 0.06),
        tilt=dice.near(0.04 - 0.07 * ageing.wear, 0.025),
        iris=linear(IRIS_COLOURS[int(dice.between(0, irises))]),
        lashes=(1 - maleness) * (1.1 - 0.4 * ageing.wear) + 0.12,
        shadow=(1 - maleness) * max(0.0, dice.near(0.35, 0.2)) * (1 - 0.4 * ageing.wear),
    )


def _brows(dice: Dice, maleness: float, ageing: Ageing) -> Brows:
    return Brows(
        height=dice.near(-0.37 + 0.06 * maleness + 0.03 * ageing.wear, 0.02),
        thickness=abs(dice.near(0.036 + 0.030 * maleness - 0.006 * ageing.wear, 0.005)),
        arch=dice.near(0.075 - 0.05 * maleness, 0.015),
        strength=0.72 + 0.15 * maleness - 0.15 * ageing.wear,
    )


def _nose(dice: Dice, maleness: float, ageing: Ageing) -> Nose:
    # Cartilage sinks: noses and ears grow longer all life.
    return Nose(
        length=dice.near(0.77 + 0.03 * maleness + 0.03 * ageing.decades, 0.02),
        width=dice.near(0.235 + 0.04 * maleness + 0.02 * ageing.decades, 0.016),
        depth=dice.near(0.28 + 0.06 * maleness, 0.025),
    )


def _mouth(dice: Dice, maleness: float, ageing: Ageing) -> Mouth:
    return Mouth(
        height=dice.near(1.14 + 0.03 * maleness, 0.018),
        width=dice.near(0.40 + 0.025 * maleness, 0.022),
        upper=dice.near((0.098 - 0.038 * maleness) * (1 - 0.45 * ageing.wear), 0.005),
        lower=dice.near((0.130 - 0.040 * maleness) * (1 - 0.35 * ageing.wear), 0.006),
        redness=max(0.0, dice.near((0.95 - 0.85 * maleness) * (1 - 0.35 * ageing.wear), 0.07)),
        smile=dice.near(0.035, 0.018),
    )


def _skin(dice: Dice, maleness: float) -> Skin:
    tones = {"0.3": 0.15, "1": 0.22, "1.6": 0.2, "2.2": 0.16, "3": 0.12, "4.2": 0.1, "5.2": 0.05}
    place = min(max(dice.near(float(dice.pick(tones)), 0.2), 0.0), 6.0)
    warmth = dice.near(0.0, 0.03)
    bearded = dice.happens(0.3 * maleness)
    return Skin(
        colour=tint(from_palette(SKIN_TONES, place), (1 + warmth, 1, 1 - warmth)),
        darkness=place / (len(SKIN_TONES) - 1),
        blush=max(0.0, dice.near(0.25 * (1 - maleness), 0.05)),
        stubble=maleness * max(0.15, dice.near(0.45, 0.2)),
        beard=0.55 + abs(dice.near(0.0, 0.2)) if bearded else 0.0,
    )


def _hair(dice: Dice, maleness: float, ageing: Ageing, skin: Skin) -> Hair:
    dark = skin.darkness > 0.4
    own = dice.between(0.0, 0.8) if dark else dice.between(0.0, len(HAIR_COLOURS) - 1)
    colour = from_palette(HAIR_COLOURS, own)
    # Mixed in linear light, a little grey already looks like a lot, most of all in black hair.
    grey = ageing.grey**1.5
    styles = _mens_styles(ageing.decades) if maleness else _womens_styles(ageing.decades)
    style = dice.pick(styles)
    return Hair(
        style=style,
        colour=mix(colour, linear(GREY_HAIR), grey),
        # Brows keep their colour longer, and are thin enough for skin to show through.
        brow_colour=mix(tint(colour, (0.5, 0.5, 0.5)), linear((150, 148, 146)), 0.6 * grey),
        hairline=dice.near(-1.04 - (0.03 + 0.10 * maleness) * ageing.decades, 0.03),
        volume=0.16 + 0.08 * (1 - maleness) + abs(dice.near(0.0, 0.04)),
        parting=dice.near(0.0, 0.3),
        waves=1.0 if style == "wavy" else 0.0,
    )


def _mens_styles(decades: float) -> dict[str, float]:
    return {
        "short": 0.45 - 0.30 * decades,
        "side": 0.35 - 0.20 * decades,
        "buzz": 0.12,
        "receding": 0.05 + 0.33 * decades,
        "bald": 0.25 * decades - 0.05,
    }


def _womens_styles(decades: float) -> dict[str, float]:
    return {
        "long": 0.36 - 0.24 * decades,
        "wavy": 0.26 - 0.16 * decades,
        "bob": 0.20 + 0.28 * decades,
        "bun": 0.10,
        "cropped": 0.20 * decades - 0.04,
        "fringe": 0.12 - 0.06 * decades,
    }


def _scene(dice: Dice, backdrop: Dice, maleness: float) -> Scene:
    brightness = backdrop.between(60, 190)
    wall = [brightness + backdrop.near(0.0, 14) for _ in range(3)]
    fabric = backdrop.between(15, 80)
    cloth = [min(max(0.6 * backdrop.between(20, 215) + fabric, 10), 235) for _ in range(3)]
    return Scene(
        background=linear([max(channel, 0.0) for channel in wall]),
        cloth=linear(cloth),
        light=dice.near(-0.45, 0.15),
        exposure=dice.near(1.0, 0.05),
        roll=dice.near(0.0, 1.6),
        earrings=dice.happens(0.6 * (1 - maleness)),
        scale=dice.near(1.0, 0.02),
        shift=(dice.near(0.0, 0.008), dice.near(0.0, 0.008)),
    )
