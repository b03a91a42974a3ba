"""A picture is a good portrait: one whole face that looks at us, sharp, well lit, not damaged on its way."""

import pytest

# With `--dist loadgroup` one worker runs these, so that the twelve portraits are painted and paid for once.
pytestmark = pytest.mark.xdist_group("portraits")


async def check_portraits_are_good(facemon):
    """Of one portrait for each age and gender, at most one has a fault.

    One may be a slip of a service that is well: the run's objective on sound pictures counts each of them.
    """
    faults = await facemon.quality_faults(await facemon.portraits())
    assert len(faults) <= 1, "\n".join(faults)


async def check_no_optional_evaluator_refuses(facemon):
    """What the setting `evaluators` adds, such as safety, refuses none of these portraits."""
    faults = await facemon.optional_faults(await facemon.portraits())
    assert not faults, "\n".join(faults)
