"""What a schedule of checks costs and finds, before it is spent; by the code that judges. Pure."""
