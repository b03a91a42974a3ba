"""The service paints a face whenever the application asks for one."""


async def check_a_face_is_painted(facemon, facemon_request):
    """Every age and gender the application knows is answered with a whole picture."""
    await facemon.generate(facemon_request)
