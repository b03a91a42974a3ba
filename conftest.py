"""For the tests of facemon itself. No fixtures here: each room's tests bring their own."""

pytest_plugins = ("pytester",)
