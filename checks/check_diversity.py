"""Two seeds are two people: a service that paints one face for all of them trains nobody."""

from facemon import FaceRequest

PEOPLE = 8


async def check_seeds_are_different_people(facemon):
    """Eight seeds of one age and gender are eight people: no picture comes twice, no face again and again.

    That one person was photographed anew only the descriptor `identity` (an extra) can hear.
    """
    faces = [FaceRequest(40, "female", seed=seed) for seed in range(1, PEOPLE + 1)]
    verdict = await facemon.different_people(await facemon.generate_together(faces))
    assert verdict.passed, verdict.reason
